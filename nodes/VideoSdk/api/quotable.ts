/**
 * Hides what looks like a JSON Web Token; a server or proxy may echo the request's headers. What is
 * joined to it is hidden with it: a pattern for the token alone takes time in the square of the
 * text's length.
 */
function hideTokens(text: string): string {
	return text.replace(/[\w.-]+/g, (word) => {
		const start = word.indexOf('eyJ');
		const isToken = start >= 0 && /[\w-]\.[\w-]/.test(word.slice(start + 'eyJ'.length));
		return isToken ? `${word.slice(0, start)}[token]` : word;
	});
}

/** Puts a text on one line. */
function fold(text: string): string {
	return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

const LONGEST_QUOTE = 300;

/**
 * Makes foreign text fit for a message: without tokens and control characters, and on one line.
 *
 * @param longest characters; a longer text is cut
 */
export function quotable(text: string, longest = LONGEST_QUOTE): string {
	const line = hideTokens(fold(text.slice(0, 20_000)));
	return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Gives a text as it may be spelled in JSON, also within JSON, and where JSON is kept to ASCII. */
function spellingsOf(text: string): string[] {
	const escape = (raw: string) => JSON.stringify(raw).slice(1, -1);
	const once = escape(text);
	const ascii = once.replace(
		/[^ -~]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	return [text, once, escape(once), ascii, escape(ascii)];
}

/**
 * Hides secrets in a text wherever they stand in it, in whatever spelling, also where one begins within
 * another. To be called before the text is cut: the beginning of a secret is one too.
 *
 * @returns the text, on one line
 */
export function hideSecrets(text: string, secrets: string[]): string {
	const line = fold(text);
	const spellings = new Set(secrets.flatMap(spellingsOf).map(fold));
	spellings.delete('');
	const found: Array<{ start: number; end: number }> = [];
	for (const spelling of spellings) {
		let start = line.indexOf(spelling);
		for (; start >= 0; start = line.indexOf(spelling, start + 1)) {
			found.push({ start, end: start + spelling.length });
		}
	}
	let hidden = '';
	let at = 0;
	for (const { start, end } of found.sort((a, b) => a.start - b.start)) {
		if (start >= at) hidden += `${line.slice(at, start)}[hidden]`;
		at = Math.max(at, end);
	}
	return hidden + line.slice(at);
}
