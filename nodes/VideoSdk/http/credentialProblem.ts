/** A credential that cannot be used where it was chosen, or for an item. */
export class CredentialProblem extends Error {
	/**
	 * @param message what is wrong, as a sentence
	 * @param nextStep what to check or change
	 */
	constructor(
		message: string,
		readonly nextStep: string,
	) {
		super(message);
	}
}
