import type { IDataObject } from 'n8n-workflow';
import type { VideoSdkClient } from '../http/client';
import type { ExplainedError } from '../errors/explainError';

/** One input item: its data, its project, and what its fields hold. */
export interface Item {
	index: number;
	/** Its input data. */
	json: IDataObject;
	/** For the project of its credential, which can be another one for each item. */
	client: VideoSdkClient;
	/** Returns the value of a field for this item. Each call evaluates the expression of the field again. */
	parameter(name: string): unknown;
	/** Returns what the user entered in a field: its value, or the text of its expression. */
	rawParameter(name: string): unknown;
	/** Whether the model of an AI agent fills in a field. */
	isFromModel(name: string): boolean;
	/** The time zone for a time in a field that has none. */
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
	/** Whether it stands for all things that the item matches. Their number is unknown: the list was not read. */
	isOfMany?: boolean;
}
