import { jsonParse } from 'n8n-workflow';
import { isObject } from '../shared/isObject';

/** What every event of VideoSDK has in its body. */
interface EventBody {
	webhookType: string;
	data: unknown;
}

/** Reads the body of an event. @returns undefined for a body that is not an event */
export function readEventBody(rawBody: Buffer): EventBody | undefined {
	const body = jsonParse<unknown>(rawBody.toString('utf8'), { fallbackValue: null });
	if (!isObject(body) || typeof body.webhookType !== 'string') return undefined;
	return { webhookType: body.webhookType, data: body.data };
}
