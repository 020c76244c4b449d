/** Input that cannot be sent. Carries what is wrong and what to check. */
export class InvalidInput extends Error {
	/**
	 * @param message what is wrong, as a sentence
	 * @param nextStep what to check or change
	 * @param of what it is wrong in: an item, or the node, whatever the item
	 */
	constructor(
		message: string,
		readonly nextStep: string,
		readonly of: 'item' | 'node' = 'item',
	) {
		super(message);
	}
}
