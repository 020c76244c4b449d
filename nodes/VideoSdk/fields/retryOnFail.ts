import { InvalidInput } from '../errors/invalidInput';
import type { Run } from '../execution/run';

/**
 * Refuses n8n's setting Retry On Fail for an operation that must not be repeated: n8n would run the node
 * again for all items, also those that have succeeded.
 *
 * @throws InvalidInput
 */
export function refuseRetryOnFail({ node }: Pick<Run, 'node'>): void {
	if (node.retryOnFail !== true) return;
	throw new InvalidInput(
		"'Retry On Fail' must be off for this operation, because it could do the same thing twice",
		'Turn it off in the settings of this node. Nothing was sent. The node itself retries what is safe to retry.',
		'node',
	);
}
