import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import { readChoices } from '../fields/choice';
import { sourceOf } from '../events/sourceOf';
import { eventsField } from './triggerFields';

/** Reads which events start the workflow. @throws InvalidInput */
export function wantedEvents(context: IHookFunctions | IWebhookFunctions): string[] {
	const { name } = eventsField;
	return readChoices(sourceOf(context), context.getNodeParameter(name, []), eventsField);
}
