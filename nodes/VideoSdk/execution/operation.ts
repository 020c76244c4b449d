import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import type { Run } from './run';
import type { Outcome } from './work';

/** What the node can do: how the panel shows it, and what it does with the items of a run. */
export interface Operation {
	/** Its entry in 'Operation'. Saved workflows have its value. */
	option: INodePropertyOptions & { value: string };
	/** Its fields. They are shown only for this operation. */
	fields: INodeProperties[];
	/**
	 * What it is about: the noun for one, and the field of its ID in the output. The prefix stands before the
	 * ID in the summary of a run, if it is the ID of something else: `agent for room `.
	 */
	thing: { noun: string; idField: string; idPrefix?: string };
	/** What it has done to a thing if it succeeded, for the summary of a run: `ended`. */
	done: string;
	execute(run: Run): Promise<Outcome[]>;
}
