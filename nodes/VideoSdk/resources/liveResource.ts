import type { INodeProperties } from 'n8n-workflow';
import type { LiveKind } from '../api/live';
import type { Item } from '../execution/operation';
import type { Filter } from '../fields/filters';
import type { OutputFields } from '../fields/output';

/**
 * A resource whose things are live until they are ended. The operations that all such resources have
 * take it: those of `end.ts`, `endMany.ts`, `get.ts` and `getMany.ts`.
 */
export interface LiveResource {
	/** Its value in the selector of resources. */
	name: string;
	kind: LiveKind;
	/** The field that names one of its things. */
	idField: INodeProperties;
	/** @throws InvalidInput */
	readId(item: Item): string;
	/** The filters that no other resource has. */
	filters: Filter[];
	/** The fields of one in the output of Get and Get Many. */
	output: OutputFields;
	/** The description of the field of the ID, by operation. */
	descriptions: { end: string; get: string };
}
