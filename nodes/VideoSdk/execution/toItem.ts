import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Outcome } from './work';

/** Makes the output item for a row of an outcome, or for its failure, which has only `error`. */
export function toItem({ index, about, failure }: Outcome, row?: IDataObject): INodeExecutionData {
	const json = failure
		? { error: { message: failure.error.message, ...failure.about, ...about, ...failure.details } }
		: (row ?? {});
	return { json, pairedItem: { item: index } };
}
