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
		"'Retry On Fail' must be off for this operation, because a retry could, for example, start a second session or make a second call",
		'Turn it off in the settings of this node. The node itself retries everything that is safe to retry. Nothing was sent.',
		'node',
	);
}
