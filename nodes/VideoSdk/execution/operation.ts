import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { VideoSdkClient } from '../api/client';
import type { ExplainedError } from './explainError';
import type { Batch } from './batch';

/** One input item, as an operation sees it. */
export interface Item {
	index: number;
	/** What came in with it. */
	json: IDataObject;
	client: VideoSdkClient;
	/** The node's options. They hold no expressions, so they are the same for all items. */
	options: IDataObject;
	/** Gives the value of a field for this item. Each call evaluates the field's expression anew. */
	parameter(name: string): unknown;
	/** Gives what stands in a field, an expression as its text. */
	rawParameter(name: string): unknown;
	/** Asks VideoSDK once for what several items of the run ask for by the same key. */
	once(key: string, ask: () => Promise<IDataObject>): Promise<IDataObject>;
	/** Whether n8n runs the node again after a failure, for all items: its setting Retry On Fail. */
	retriesOnFail: boolean;
	/** Time zone of the workflow, for times that name none. */
	timezone: string;
}

/** What is done for an item, such as ending one session. */
export interface Work {
	/** What it is about, by the name of the field: `{ sessionId: '1' }`. */
	about?: Record<string, string>;
	/** Gives the output: one row or many. */
	run(): Promise<IDataObject | IDataObject[]>;
}

/** What has become of a piece of work: rows, or a failure, or neither: it was not attempted. */
export interface Outcome {
	/** Of the input item. */
	index: number;
	about?: Record<string, string>;
	rows?: IDataObject[];
	failure?: ExplainedError;
}

/** An operation of a resource: its fields, and what it does with the items of a run. */
export interface Operation {
	description: INodeProperties[];
	/** What it is about: what one is called, and the field of its ID in the output. */
	thing: { noun: string; idField: string };
	/** What it has done to what it is about, where it succeeded: `ended`. */
	done: string;
	run(batch: Batch): Promise<Outcome[]>;
}
