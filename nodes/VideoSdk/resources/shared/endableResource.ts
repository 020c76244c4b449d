import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { VideoSdkClient } from '../../http/client';
import type { EndableApi } from '../../api/live';
import type { Run } from '../../execution/run';
import type { Item, Outcome } from '../../execution/work';
import type { Filter } from '../../fields/filters';
import type { OutputFields } from '../../fields/output';

/** What is particular to ending a thing of a resource. */
export interface Ending {
	/** Options that the operations for others do not have. */
	options: INodeProperties[];
	/**
	 * Ends one, instead of `endOne`.
	 *
	 * @param options of the node
	 * @param listed the thing as VideoSDK has just listed it
	 * @throws VideoSdkFailure
	 */
	end?(
		client: VideoSdkClient,
		id: string,
		options: IDataObject,
		listed?: IDataObject,
	): Promise<IDataObject>;
	/** What is done when all things of the run have been ended. */
	after?(run: Run, ended: Outcome[]): Promise<Outcome[]>;
}

/**
 * A resource whose things are live until they are ended. The operations that all such resources have
 * take it: those of `end.ts`, `endMany.ts`, `get.ts` and `getMany.ts`.
 */
export interface EndableResource {
	/** Its value in the selector of resources. */
	name: string;
	kind: EndableApi;
	/** The field that names one of its things. */
	idField: INodeProperties;
	/** @throws InvalidInput */
	readId(item: Item): string;
	/** The filters that no other resource has. */
	filters: Filter[];
	/** The fields of one in the output of Get and Get Many. */
	output: OutputFields;
	/**
	 * Finds names for IDs in the rows of a dry run, with at most one request for all of them.
	 *
	 * @param things as VideoSDK has listed them
	 * @returns a function that makes the fields with the names for a thing, none if they are not known
	 */
	namesOf?(
		client: VideoSdkClient,
		things: IDataObject[],
	): Promise<(thing: IDataObject) => IDataObject>;
	/** How one is ended, if not as all others are. */
	ending?: Ending;
	/** The description of the field of the ID, by operation. */
	descriptions: { end: string; get: string };
}
