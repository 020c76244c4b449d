import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { Source } from '../fields/text';

/** Makes what readers of fields need to know, for a node that receives requests. It has no item. */
export function sourceOf(context: IHookFunctions | IWebhookFunctions): Source {
	return {
		json: {},
		isFromModel: () => false,
		rawParameter: (name) => context.getNodeParameter(name, '', { rawExpressions: true }),
	};
}
