import { visible } from './visible';

/**
 * Hides what looks like a JSON Web Token, since a server or proxy may echo the headers of a request. The
 * rest of the word after its start is hidden too: a pattern for the token alone takes quadratic time.
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
	return visible(text)
		.replace(/[\p{Cc}\s]+/gu, ' ')
		.trim();
}

const LONGEST_QUOTE = 300;

/**
 * Makes text from outside safe for a message: without tokens and control characters, and on one line.
 *
 * @param longest characters; a longer text is cut off
 */
export function quotable(text: string, longest = LONGEST_QUOTE): string {
	const line = hideTokens(fold(text.slice(0, 20_000)));
	return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** The spellings of a text: as it is, in JSON, in JSON within JSON, and in JSON that is only ASCII. */
function spellingsOf(text: string): string[] {
	const escape = (raw: string) => JSON.stringify(raw).slice(1, -1);
	const once = escape(text);
	const ascii = once.replace(
		/[^ -~]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	return [text, once, escape(once), ascii, escape(ascii)];
}

/** Characters from which on a value is hidden also within a word, such as "keyhunter22". */
const LONG = 8;

/** The fewest characters of a secret. Hiding 1, en or on would make most errors unreadable. */
const SHORTEST = 4;

/** Settings, not secrets. */
const NO_SECRET = /^(?:true|false|null|none)$/i;

const isInWord = (character: string) => /[\p{L}\p{N}_]/u.test(character);

/** Whether a found text is a whole word, or several. */
function isWhole(line: string, start: number, end: number): boolean {
	const before = line.slice(start - 1, start + 1);
	const after = line.slice(end - 1, end + 1);
	return ![before, after].some((pair) => pair.length === 2 && [...pair].every(isInWord));
}

/**
 * Hides secrets in a text, in each of their spellings and also if they overlap. Has to be called before
 * the text is cut off, since that could leave the beginning of a secret.
 *
 * @param secrets of 8 characters or more are hidden wherever they are, those of 4 to 7 as whole words
 * only. Shorter ones, and words such as true, are no secrets
 * @returns the text, on one line
 */
export function hideSecrets(text: string, secrets: string[]): string {
	const line = fold(text);
	const real = secrets.filter(
		(secret) => fold(secret).length >= SHORTEST && !NO_SECRET.test(fold(secret)),
	);
	const spellings = new Set(real.flatMap(spellingsOf).map(fold));
	const found: Array<{ start: number; end: number }> = [];
	for (const spelling of spellings) {
		let start = line.indexOf(spelling);
		for (; start >= 0; start = line.indexOf(spelling, start + 1)) {
			const end = start + spelling.length;
			if (spelling.length >= LONG || isWhole(line, start, end)) found.push({ start, end });
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
