/** Writes each word with a capital letter, as n8n's labels are written. */
export const capitalized = (text: string) =>
	text.replace(/(^| )\S/g, (start) => start.toUpperCase());
