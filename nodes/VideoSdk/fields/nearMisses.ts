import type { IDataObject } from 'n8n-workflow';
import { isObject } from '../shared/isObject';

/** The paths that an expression reads from its item: `$json.body.sessionId`, `$json["session id"]`. */
const READS = /\$json(?:\??\.[\p{L}_$][\p{L}\p{N}_$]*|\[\s*(?:"[^"\]]+"|'[^'\]]+')\s*\])+/gu;
const SEGMENT = /[\p{L}_$][\p{L}\p{N}_$]*|"[^"]+"|'[^']+'/gu;

/** The most names in an item that are compared: a large body may have thousands. */
const MOST_NAMES = 1_000;
const DEEPEST = 4;

/** The most names in an error. */
const MOST_SHOWN = 3;

/** The most wrong letters in a name. */
const MOST_WRONG = 2;

const pathsIn = (expression: string): string[][] =>
	[...expression.matchAll(READS)].map(([read]) =>
		[...read.matchAll(SEGMENT)].slice(1).map(([segment]) => segment.replace(/^["']|["']$/g, '')),
	);

function has(value: unknown, [name, ...rest]: string[]): boolean {
	if (name === undefined) return value !== undefined && value !== null && value !== '';
	return isObject(value) && has(value[name], rest);
}

function* allNamesIn(value: IDataObject, before: string[] = []): Generator<string[]> {
	for (const [name, inside] of Object.entries(value)) {
		const path = [...before, name];
		yield path;
		if (isObject(inside) && path.length < DEEPEST) yield* allNamesIn(inside, path);
	}
}

/** The paths of the names in an item. */
function* namesIn(json: IDataObject): Generator<string[]> {
	let left = MOST_NAMES;
	for (const name of allNamesIn(json)) {
		if (left-- === 0) return;
		yield name;
	}
}

/** The number of letters to change, add or remove to turn one text into the other. */
function distance(one: string, other: string): number {
	let row = [0, ...Array.from(other, (_, at) => at + 1)];
	for (const [at, letter] of [...one].entries()) {
		const next = [at + 1];
		for (const [place, wanted] of [...other].entries()) {
			const [left = 0, above = 0, corner = 0] = [next[place], row[place + 1], row[place]];
			next.push(Math.min(left + 1, above + 1, corner + (letter === wanted ? 0 : 1)));
		}
		row = next;
	}
	return row.at(-1) ?? 0;
}

/** The last name of a path in lower case, only its letters and digits. */
const plain = (path: string[]) =>
	String(path.at(-1))
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]/gu, '');

function isNear(name: string, wanted: string): boolean {
	if (name === wanted) return name !== '';
	// Short names are too similar to each other: `id` and `ip`.
	return Math.min(name.length, wanted.length) > 2 * MOST_WRONG
		? distance(name, wanted) <= MOST_WRONG
		: false;
}

/** Writes the expression for a path: `{{ $json.body["session id"] }}`. */
function expressionFor(path: string[]): string {
	const segments = path.map((name) =>
		/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`,
	);
	return `{{ $json${segments.join('')} }}`;
}

/** The resources that an ID belongs to, by the plain names of fields that usually have it. */
const RESOURCES: Record<string, string> = {
	sessionid: 'Agent Session',
	callid: 'Call',
	roomid: 'Room',
	meetingid: 'Room',
};

/**
 * Finds the ID of another resource in an item that lacks the wanted one.
 *
 * @param path of the field without a value: `sessionId`
 * @returns the expression for it, and the resource; undefined if the field is not for an ID, or there is none
 */
export function otherId(
	path: string,
	json: IDataObject,
): { expression: string; resource: string } | undefined {
	const own = RESOURCES[plain([path])];
	if (own === undefined) return undefined;
	for (const name of namesIn(json)) {
		const resource = RESOURCES[plain(name)];
		if (resource !== undefined && resource !== own && has(json, name)) {
			return { expression: expressionFor(name), resource };
		}
	}
	return undefined;
}

/**
 * Finds the fields that an expression without a result may have meant.
 *
 * @param expression the text of the field
 * @param json the item for which it was evaluated
 * @returns the path that the item does not have, and the expressions for similar names that it has;
 * undefined if there are none
 */
export function nearMisses(
	expression: string,
	json: IDataObject,
): { wanted: string; found: string[] } | undefined {
	for (const path of pathsIn(expression)) {
		if (has(json, path)) continue;
		const wanted = plain(path);
		const found: string[] = [];
		for (const name of namesIn(json)) {
			if (found.length === MOST_SHOWN) break;
			if (isNear(plain(name), wanted) && has(json, name)) found.push(expressionFor(name));
		}
		if (found.length > 0) return { wanted: path.join('.'), found };
	}
	return undefined;
}
