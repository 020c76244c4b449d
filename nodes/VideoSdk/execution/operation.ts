import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { VideoSdkClient } from '../http/client';
import type { ExplainedError } from '../errors/explainError';
import type { Batch } from './batch';

/** One input item, as an operation sees it. */
export interface Item {
	index: number;
	/** Its input data. */
	json: IDataObject;
	/** For the project of its credential, which can be another one for each item. */
	client: VideoSdkClient;
	/** The node's options. They take no expressions, so they are the same for all items. */
	options: IDataObject;
	/** Returns the value of a field for this item. Each call evaluates the expression of the field again. */
	parameter(name: string): unknown;
	/** Returns what the user entered in a field: its value, or the text of its expression. */
	rawParameter(name: string): unknown;
	/** Whether the model of an AI agent fills in a field. */
	isFromModel(name: string): boolean;
	/** Sends one request for all items of the run that use the same key, in the same project. */
	once(key: string, ask: () => Promise<IDataObject>): Promise<IDataObject>;
	/** The node's setting Retry On Fail: whether n8n runs the node again, for all items, after a failure. */
	retriesOnFail: boolean;
	/** The time zone of the workflow, for times without one. */
	timezone: string;
}

/** What is done for an item, such as ending one session. */
export interface Work {
	/** The IDs that it is about, by the names of their fields: `{ sessionId: '1' }`. */
	about?: Record<string, string>;
	/** Returns the output: one row or many. */
	run(): Promise<IDataObject | IDataObject[]>;
}

/** What work resulted in: rows, a failure, or neither if it was not attempted. */
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
	/** What it is about: the noun for one, and the field of its ID in the output. */
	thing: { noun: string; idField: string };
	/** What it has done to a thing if it succeeded, for the summary of a run: `ended`. */
	done: string;
	run(batch: Batch): Promise<Outcome[]>;
}
