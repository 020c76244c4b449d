import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { EndableApi } from '../api/live';
import { hasEnded } from '../api/statuses';
import type { Item } from '../execution/work';
import { readChoice, readOptionalChoices } from './choice';
import { readSwitch } from './switch';
import { isEmpty } from './text';
import { startTimeOf } from './time';

/** The fields that the output can have. `runningSeconds` is not of VideoSDK, see `readOutput`. */
export interface OutputFields {
	/** Those of the simplified output, in order. n8n's guidelines allow ten. */
	simplified: readonly string[];
	/** The other documented fields. */
	more: readonly string[];
}

function showAsTool(field: INodeProperties, show?: Record<string, string[]>): INodeProperties {
	return { ...field, displayOptions: { show: { '@tool': [true], ...show } } };
}

const simplify: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	noDataExpression: true,
	default: true,
	displayOptions: { hide: { '@tool': [true] } },
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

const output = showAsTool({
	displayName: 'Output',
	name: 'output',
	type: 'options',
	noDataExpression: true,
	default: 'simplified',
	description: 'How much of the response the AI agent gets',
	options: [
		{
			name: 'Simplified',
			value: 'simplified',
			description: 'The fields that are usually needed',
		},
		{ name: 'Raw', value: 'raw', description: 'Every field that VideoSDK returned' },
		{ name: 'Selected Fields', value: 'selected', description: 'Only the fields you select' },
	],
});

function selectedFields({ simplified, more }: OutputFields, idField: string): INodeProperties {
	const selectable = [...simplified, ...more].filter((name) => name !== idField);
	return showAsTool(
		{
			displayName: 'Fields',
			name: 'outputFields',
			type: 'multiOptions',
			noDataExpression: true,
			default: [],
			description: `The fields to return. The field ${idField} is always included.`,
			options: selectable.sort().map((name) => ({ name, value: name })),
		},
		{ output: ['selected'] },
	);
}

/**
 * Makes the fields for how much is returned, as n8n's UX guidelines describe them: 'Simplify' in a
 * workflow, 'Output' if the node is a tool of an AI agent.
 *
 * @param idField is always returned
 */
export function outputFields(fields: OutputFields, idField: string): INodeProperties[] {
	return [simplify, output, selectedFields(fields, idField)];
}

/**
 * Computes for how long a thing has been live.
 *
 * @returns seconds, or undefined if the thing has ended, or its start is not known
 */
export function runningSeconds(kind: EndableApi, thing: IDataObject): number | undefined {
	const milliseconds = Date.now() - startTimeOf(kind, thing);
	if (hasEnded(kind.statuses, thing) || Number.isNaN(milliseconds)) return undefined;
	return Math.max(0, Math.floor(milliseconds / 1000));
}

function pick(thing: IDataObject, names: readonly string[]): IDataObject {
	return Object.fromEntries(
		names.filter((name) => thing[name] !== undefined).map((name) => [name, thing[name]]),
	);
}

/**
 * Reads how much to return. A live thing also has the field `runningSeconds`, unless the output is raw.
 *
 * @returns a function that makes the output of a thing from VideoSDK's answer
 * @throws InvalidInput
 */
export function readOutput(
	item: Item,
	kind: EndableApi,
	fields: OutputFields,
): (thing: IDataObject) => IDataObject {
	// Only a tool has 'Output', any other node has 'Simplify'. They are read raw, since n8n throws if it
	// evaluates a field that is hidden, and neither takes an expression.
	const [amount, isSimplified] = [item.rawParameter(output.name), item.rawParameter(simplify.name)];
	const chosen = isEmpty(amount)
		? isEmpty(isSimplified) || readSwitch(item, isSimplified, simplify)
			? 'simplified'
			: 'raw'
		: readChoice(item, amount, output);
	if (chosen === 'raw') return (thing) => thing;
	const selected = selectedFields(fields, kind.idField);
	const names =
		chosen === 'selected'
			? [kind.idField, ...readOptionalChoices(item, item.rawParameter(selected.name), selected)]
			: fields.simplified;
	return (thing) => pick({ ...thing, runningSeconds: runningSeconds(kind, thing) }, names);
}
