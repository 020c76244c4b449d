import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { causeOf } from '../http/errorCause';
import { toItem } from './toItem';

/** An execution that n8n can store, and resume when its resume URL is called. */
export class ResumableExecution {
	constructor(private readonly context: IExecuteFunctions) {}

	/** A request to this URL resumes the execution once n8n has stored it. */
	get resumeUrl(): string {
		return String(this.context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
	}

	/**
	 * Makes n8n store the execution after the node has run, until its resume URL is called.
	 *
	 * @param until when n8n resumes it by itself
	 * @param row the output in that case, since n8n does not run the node again. Until then it is the input
	 * of the node
	 */
	async wait(until: Date, row: IDataObject): Promise<void> {
		this.context.getExecuteData().data.main = [[toItem({ index: 0 }, row)]];
		await this.context.putExecutionToWait(until);
	}

	/**
	 * Whether n8n's SSRF protection blocks requests to a URL. n8n checks the URL before the signal, so that
	 * nothing is sent (n8n: backend-network, axios/request).
	 */
	async isBlocked(url: string): Promise<boolean> {
		const request = { url, abortSignal: AbortSignal.abort() };
		const error: unknown = await this.context.helpers.httpRequest(request).then(
			() => undefined,
			(thrown: unknown) => thrown,
		);
		return causeOf(error, 0).kind === 'blocked';
	}

	/** Sends a request from n8n to itself. @returns the answer, whatever its status */
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
