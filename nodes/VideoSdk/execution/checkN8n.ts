import type { INode } from 'n8n-workflow';
import { NodeOperationError, tryToParseDateTime } from 'n8n-workflow';

/**
 * Refuses to run in n8n before 1.91, which ignores the time zone of a time, so that a filter would choose
 * the wrong sessions. n8n does not tell a node its version, but this difference can be seen. The versions
 * from 1.91 to 1.123 are only untested.
 *
 * @param node that shows the error
 * @throws NodeOperationError
 */
export function checkN8n(node: INode): void {
	const midnight = '2020-01-01T00:00';
	const [inUtc, inTokyo] = ['UTC', 'Asia/Tokyo'].map((zone) =>
		tryToParseDateTime(midnight, zone).toMillis(),
	);
	if (inUtc !== inTokyo) return;
	throw new NodeOperationError(node, 'This version of n8n is too old for the VideoSDK node', {
		description: 'The node needs n8n 1.123 or later. Nothing was sent to VideoSDK. Update n8n.',
	});
}
