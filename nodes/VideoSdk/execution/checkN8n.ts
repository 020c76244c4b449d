import type { INode } from 'n8n-workflow';
import { NodeOperationError, tryToParseDateTime } from 'n8n-workflow';

/**
 * Refuses to work in an n8n that reads a time without its zone, as those before 1.91 do: a filter
 * would choose the wrong sessions. A node is not told the version of n8n, so this is the only
 * difference that can be known; the versions from there to 1.123 are merely not tested.
 *
 * @param node the node it is shown on
 * @throws NodeOperationError
 */
export function checkN8n(node: INode): void {
	const midnight = '2020-01-01T00:00';
	const [inUtc, inTokyo] = ['UTC', 'Asia/Tokyo'].map((zone) =>
		tryToParseDateTime(midnight, zone).toMillis(),
	);
	if (inUtc !== inTokyo) return;
	throw new NodeOperationError(node, 'This version of n8n is too old for the VideoSDK node', {
		description: 'It needs n8n 1.123 or newer. Nothing was sent to VideoSDK. Update n8n.',
	});
}
