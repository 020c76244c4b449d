import type { INodeProperties } from 'n8n-workflow';
import type { LiveKind } from '../api/live';
import type { Item } from '../execution/operation';
import type { Filter } from '../fields/filters';
import type { OutputFields } from '../fields/output';

/**
 * A resource whose things are live until they are ended, as the operations see it that all such
 * resources have: `end.ts`, `endMany.ts`, `get.ts` and `getMany.ts`, here beside it.
 */
export interface LiveResource {
	/** Its value in the selector of resources. */
	name: string;
	kind: LiveKind;
	/** The field that names one of its things. */
	idField: INodeProperties;
	/** @throws InvalidInput */
	readId(item: Item): string;
	/** Filters that no other resource has. */
	filters: Filter[];
	/** What Get and Get Many give of one. */
	output: OutputFields;
	/** What the ID is for, in the panel. */
	descriptions: { end: string; get: string };
}
