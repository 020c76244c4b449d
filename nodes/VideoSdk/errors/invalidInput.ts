/** Input of the node that cannot be sent to VideoSDK. */
export class InvalidInput extends Error {
	/**
	 * @param message what is wrong, as a sentence
	 * @param nextStep what to check or change
	 * @param of whether only the item is wrong, or the node, for all items
	 */
	constructor(
		message: string,
		readonly nextStep: string,
		readonly of: 'item' | 'node' = 'item',
	) {
		super(message);
	}
}
