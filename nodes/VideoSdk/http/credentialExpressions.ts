import type { IExecuteFunctions, IWorkflowExecuteAdditionalData } from 'n8n-workflow';
import { CREDENTIAL } from './transport';

/** A value without expressions, or with expressions that only name a secret or a variable of n8n. */
const SAME_FOR_ALL_ITEMS =
	/^(?!=)|^=([^{}]|\{\{\s*\$(secrets|vars|env)(\.\w+|\[\s*(["'])[\w-]+\4\s*\])+\s*\}\})*$/;

/**
 * Lists the expressions in the credential of the node whose value can differ between the items of a run. To
 * read it for each item would always be right, but takes n8n a millisecond each time.
 *
 * n8n has no public way to ask. This is the one place that uses an internal of n8n: the helper that
 * decrypts credentials can also return them as they are stored (`raw`, in n8n's credentials-helper), and
 * each context has that helper in its `additionalData` (n8n-core, NodeExecutionContext).
 *
 * @returns undefined if this n8n does not tell. The credential then has to be read for each item
 */
export async function expressionsByItem(context: IExecuteFunctions): Promise<string[] | undefined> {
	try {
		const { additionalData } = context as unknown as {
			additionalData: IWorkflowExecuteAdditionalData;
		};
		const node = context.getNode();
		const stored = node.credentials?.[CREDENTIAL];
		if (!stored) return undefined;
		const { apiKey, secretKey, baseUrl } = await additionalData.credentialsHelper.getDecrypted(
			additionalData,
			stored,
			CREDENTIAL,
			context.getMode(),
			{ node, data: {}, source: null },
			true,
		);
		// A field that is not stored has its default.
		return [apiKey, secretKey, baseUrl]
			.map((value) => String(value ?? ''))
			.filter((value) => !SAME_FOR_ALL_ITEMS.test(value));
	} catch {
		return undefined;
	}
}
