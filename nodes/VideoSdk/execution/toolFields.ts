import { type Node, parse } from 'acorn';
import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { quotable } from '../shared/quotable';
import { InvalidInput } from '../errors/invalidInput';

/** n8n takes the name of the function that lets a model fill in a field in any case. */
const FROM_AI = /^\$fromai$/i;

/**
 * What an expression of a tool may refer to, besides the data of a node that it names. Nothing here leads to the
 * item of the tool, since some of n8n's Agents put into it whatever the model adds to its call.
 */
const HARMLESS = new Set([
	...['$env', '$execution', '$now', '$secrets', '$today', '$vars', '$workflow'],
	...['$average', '$if', '$ifEmpty', '$jmesPath', '$jmespath', '$max', '$min', '$not'],
	...['Array', 'BigInt', 'Boolean', 'Date', 'Intl', 'JSON', 'Map', 'Math', 'Number', 'Object'],
	...['RegExp', 'Set', 'String', 'DateTime', 'Duration', 'Interval'],
	...['Infinity', 'NaN', 'undefined', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'],
	...['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent'],
]);

/** What `$('Node')` has of the output of a node. Its parameters could be expressions of the tool's own item. */
const OUTPUT = new Set([
	'all',
	'first',
	'isExecuted',
	'item',
	'itemMatching',
	'last',
	'pairedItem',
]);

/** Properties that lead from any value to a function that runs text as code. */
const CODE = new Set(['__proto__', 'constructor', 'prototype']);

/** Fields that a person sets, whatever the tool is for. */
const NEVER_FROM_AI = new Set(['resource', 'operation', 'dryRun']);

type Parts = Node & Record<string, unknown>;

const isNode = (value: unknown): value is Parts =>
	typeof value === 'object' && value !== null && 'type' in value;

function literalText(node: unknown): string | undefined {
	if (!isNode(node)) return undefined;
	if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
	const { expressions, quasis } = node as { expressions?: unknown[]; quasis?: unknown[] };
	if (node.type !== 'TemplateLiteral' || expressions?.length !== 0) return undefined;
	return (quasis?.[0] as { value: { cooked: string } }).value.cooked;
}

const nameOf = (node: unknown) =>
	isNode(node) && node.type === 'Identifier' ? String(node.name) : undefined;

const isMember = (node: unknown): node is Parts => isNode(node) && node.type === 'MemberExpression';

/** Whether this is the output of a node that is named: `$('Webhook').item`, or `$node["Webhook"].json`. */
function isOutputOfNode(node: Parts): boolean {
	if (!isMember(node) || node.computed === true || !isNode(node.object)) return false;
	const { object, property } = node;
	const read = nameOf(property) ?? '';
	if (object.type === 'CallExpression') {
		const [name] = object.arguments as unknown[];
		return nameOf(object.callee) === '$' && !!literalText(name) && OUTPUT.has(read);
	}
	const isNamed = object.computed !== true || !!literalText(object.property);
	return isMember(object) && nameOf(object.object) === '$node' && isNamed && read === 'json';
}

function partsOf(node: Parts): Parts[] {
	return Object.entries(node).flatMap(([key, value]) => {
		// The name of a property refers to nothing.
		if ((key === 'property' || key === 'key') && node.computed !== true) return [];
		return (Array.isArray(value) ? value : [value]).filter(isNode);
	});
}

function identifiersIn(node: Parts): string[] {
	const name = nameOf(node);
	return name === undefined ? partsOf(node).flatMap(identifiersIn) : [name];
}

/** The names that code gives to values of its own: parameters of functions, and variables. */
function ownNamesIn(node: Parts): string[] {
	const declared = [...((node.params as Parts[] | undefined) ?? [])];
	if (node.type === 'VariableDeclarator') declared.push(node.id as Parts);
	return [...declared.flatMap(identifiersIn), ...partsOf(node).flatMap(ownNamesIn)];
}

function namesIn(node: Parts): string[] {
	const name = nameOf(node);
	if (name !== undefined) return [name];
	if (node.type === 'ThisExpression') return ['this'];
	if (node.type === 'ImportExpression') return ['import'];
	const property = isMember(node)
		? (literalText(node.property) ?? (node.computed === true ? undefined : nameOf(node.property)))
		: undefined;
	if (property !== undefined && CODE.has(property)) return [property];
	return isOutputOfNode(node) ? [] : partsOf(node).flatMap(namesIn);
}

/** Finds the code between the braces of an expression, as n8n does: `}}` ends it also within quotes. */
function codeIn(expression: string): string[] {
	const found: string[] = [];
	let start: number | undefined;
	for (const { 0: match, 1: backslashes = '', 2: braces, index } of expression.matchAll(
		/(\\*)(\{\{|\}\})/g,
	)) {
		if (backslashes.length % 2 === 1) continue;
		const end = index + match.length;
		if (braces === '{{') start ??= end;
		else if (start !== undefined) {
			found.push(expression.slice(start, end - 2));
			start = undefined;
		}
	}
	if (start !== undefined) found.push(expression.slice(start));
	return found.map((code) => code.replace('\\}}', '}}'));
}

/**
 * Lists what the expressions in a field refer to, besides the data of nodes that they name.
 *
 * @param raw what the user entered: text, or an object or a list with texts in it
 * @throws SyntaxError if an expression cannot be read
 */
function referencesIn(raw: unknown): string[] {
	if (typeof raw === 'object' && raw !== null) return Object.values(raw).flatMap(referencesIn);
	if (typeof raw !== 'string' || !raw.startsWith('=')) return [];
	return codeIn(raw.slice(1)).flatMap((code) => {
		const program = parse(`(${code.replace(/[;\s]+$/, '')}\n)`, { ecmaVersion: 'latest' });
		if (!isNode(program)) return [];
		const own = new Set(ownNamesIn(program).filter((name) => !name.startsWith('$')));
		return namesIn(program).filter((name) => !own.has(name));
	});
}

/** Whether the model of an AI agent fills in a field, or a part of it. */
export const isFromModel = (raw: unknown): boolean =>
	referencesIn(raw).some((name) => FROM_AI.test(name));

interface Entered {
	/** The label in the panel. */
	label: string;
	name: string;
	raw: unknown;
}

function enteredIn(fields: INodeProperties[], parameters: IDataObject): Entered[] {
	return fields.flatMap(({ displayName: label, name, type, options = [] }) => {
		const raw = parameters[name];
		if (type !== 'collection' || typeof raw !== 'object' || raw === null) {
			return [{ label, name, raw }];
		}
		return Object.entries(raw).map(([inner, value]): Entered => {
			const field = options.find((option) => option.name === inner);
			return {
				label: field && 'displayName' in field ? field.displayName : label,
				name: inner,
				raw: value,
			};
		});
	});
}

const SELECTORS: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		default: '',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: '',
	},
];

/**
 * @param what the expression is: `The expression in 'To'`
 * @param nextStep in an error
 * @param isAllowed tells for a name that the expression refers to
 */
function problemIn(
	raw: unknown,
	{ what, nextStep }: { what: string; nextStep: string },
	isAllowed: (name: string) => boolean,
): InvalidInput | undefined {
	const problem = (words: string) =>
		new InvalidInput(`${what} ${words}`, `${nextStep} Nothing was sent.`, 'node');
	try {
		const refused = referencesIn(raw).find((name) => !isAllowed(name));
		return refused === undefined
			? undefined
			: problem(`uses "${quotable(refused)}", which the AI model could change`);
	} catch {
		return problem('cannot be checked, so the AI model might control its value');
	}
}

function problemOf({ label, name, raw }: Entered): InvalidInput | undefined {
	const what = `The expression in '${label}'`;
	const orElse = NEVER_FROM_AI.has(name)
		? 'Or choose a fixed value.'
		: `Or let the AI model fill in the field: {{ $fromAI('${name}') }}.`;
	const nextStep = `In the expression, refer to the node that has the value, such as {{ $('Webhook').item.json.body.${name} }}. ${orElse}`;
	return problemIn(raw, { what, nextStep }, (each) => HARMLESS.has(each) || FROM_AI.test(each));
}

/**
 * Checks that the model cannot choose the project with which a tool works.
 *
 * @param expressions in the credential, as the user entered them
 * @throws InvalidInput if one uses what a model adds to its call, or fills in
 */
export function refuseCredentialOfTool(expressions: string[]): void {
	const words = {
		what: 'An expression in the VideoSDK credential',
		nextStep:
			"The AI model must not choose the project. In the expression, refer to the node that has the value, such as {{ $('Webhook').item.json.body.apiKey }}, or choose a credential with fixed values.",
	};
	for (const expression of expressions) {
		const problem = problemIn(expression, words, (name) => HARMLESS.has(name));
		if (problem) throw problem;
	}
}

/**
 * Checks that no field of a tool takes what a model adds to its call. That reaches `$json`, and whatever else
 * stands for the item of the tool, in some of n8n's Agents, even if no field asks the model for it.
 *
 * @param fields of the operation
 * @param parameters of the node, with expressions as the user entered them
 * @returns the problem of the first field that has one
 */
export function problemOfTool(
	fields: INodeProperties[],
	parameters: IDataObject,
): InvalidInput | undefined {
	for (const entered of enteredIn([...SELECTORS, ...fields], parameters)) {
		const problem = problemOf(entered);
		if (problem) return problem;
	}
	return undefined;
}
