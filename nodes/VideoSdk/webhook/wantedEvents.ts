import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

/**
 * Reads which events start the workflow. An expression may return a list, a text such as
 * `started, failed`, or nothing.
 */
export function wantedEvents(context: IHookFunctions | IWebhookFunctions): string[] {
	return [context.getNodeParameter('events', []) as unknown]
		.flat()
		.flatMap((wanted) => (typeof wanted === 'string' ? wanted.split(/[\s,]+/) : []));
}
