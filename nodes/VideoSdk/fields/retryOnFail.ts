import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';

/**
 * Refuses n8n's setting Retry On Fail for an operation that must not be repeated: n8n would run the node
 * again for all items, also those that have succeeded.
 *
 * @throws InvalidInput
 */
export function refuseRetryOnFail({ retriesOnFail }: Item): void {
	if (!retriesOnFail) return;
	throw new InvalidInput(
		"'Retry On Fail' cannot be used with this operation, since it could do the same thing twice",
		"Turn off 'Retry On Fail' in the settings of this node. Nothing was sent. The node itself repeats what is safe to repeat.",
		'node',
	);
}
