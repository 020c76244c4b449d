import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { toItem } from './toItem';

/** An execution that n8n can store, and go on with when something calls its resume URL. */
export class ResumableExecution {
	constructor(private readonly context: IExecuteFunctions) {}

	/** Where a request makes n8n go on with the execution, once that is stored. */
	get resumeUrl(): string {
		return String(this.context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
	}

	/**
	 * Has n8n store the execution when the node is done, and go on with it at a call of its resume URL.
	 *
	 * @param until when n8n goes on by itself
	 * @param row what then comes out, since n8n does not run the node again; until then an expression
	 * of the node sees it as its input
	 */
	async wait(until: Date, row: IDataObject): Promise<void> {
		this.context.getExecuteData().data.main = [[toItem({ index: 0 }, row)]];
		await this.context.putExecutionToWait(until);
	}

	/** Sends something from n8n to itself. @returns status and body of the answer, whatever they are */
	async post(
		url: string,
		body: string,
		headers: Record<string, string>,
	): Promise<{ statusCode: number; body: unknown }> {
		return (await this.context.helpers.httpRequest({
			method: 'POST',
			url,
			body,
			headers: { 'Content-Type': 'application/json', ...headers },
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
		})) as { statusCode: number; body: unknown };
	}
}
