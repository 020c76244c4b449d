import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

/** Bytes. */
const LARGEST_BODY = 1_048_576;

/** How requests to VideoSDK are made while a sender waits for the answer to its event. */
export const PATIENCE = { timeout: 9_000, maxRetries: 0 };

/** n8n's request: that of Express, with a function that reads the body. */
interface WebhookRequest {
	rawBody?: Buffer;
	readRawBody?(): Promise<void>;
}

/** The HTTP statuses of the answers that do not start or resume the workflow. */
export type Status = 200 | 400 | 401 | 413 | 503;

/** Answers a request without starting or resuming the workflow. */
export function answer(
	context: IWebhookFunctions,
	status: Status,
	message: string,
): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

/** The answer to an event that came before. */
export const ALREADY_RECEIVED = 'This event was already received.';

/** The answer to an event that the workflow does not wait for. */
export const NOT_AWAITED = 'The workflow is not waiting for this event.';

/** Reads the body of a request as it was sent. @returns undefined if it cannot be read */
export async function readRawBody(
	context: IWebhookFunctions,
): Promise<Buffer | 'too large' | undefined> {
	const request: WebhookRequest = context.getRequestObject();
	try {
		await request.readRawBody?.();
	} catch (error) {
		return (error as { type?: string }).type === 'entity.too.large' ? 'too large' : undefined;
	}
	const { rawBody = Buffer.alloc(0) } = request;
	return rawBody.length > LARGEST_BODY ? 'too large' : rawBody;
}
