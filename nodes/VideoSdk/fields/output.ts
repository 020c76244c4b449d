import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { LiveKind } from '../api/live';
import { hasEnded } from '../api/statuses';
import type { Item } from '../execution/operation';
import { startTimeOf } from './time';

/** The fields of a thing that can come out. `runningSeconds` is not VideoSDK's: see `readOutput`. */
export interface OutputFields {
	/** Those of the simplified output, in their order. n8n's guidelines allow ten. */
	simplified: readonly string[];
	/** The other documented ones. */
	more: readonly string[];
}

function showAsTool(field: INodeProperties, show?: Record<string, string[]>): INodeProperties {
	return { ...field, displayOptions: { show: { '@tool': [true], ...show } } };
}

/**
 * Gives the fields that say how much of a thing comes out, as n8n's UX guidelines want them: a switch
 * in a workflow, a choice where the node is a tool of an AI agent.
 *
 * @param idField comes out whatever is selected
 */
export function outputFields(
	{ simplified, more }: OutputFields,
	idField: string,
): INodeProperties[] {
	const selectable = [...simplified, ...more].filter((name) => name !== idField);
	return [
		{
			displayName: 'Simplify',
			name: 'simplify',
			type: 'boolean',
			noDataExpression: true,
			default: true,
			displayOptions: { hide: { '@tool': [true] } },
			description: 'Whether to return a simplified version of the response instead of the raw data',
		},
		showAsTool({
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
		}),
		showAsTool(
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
		),
	];
}

/** @returns seconds, or undefined for what has ended or does not say when it started */
function runningSeconds(kind: LiveKind, thing: IDataObject): number | undefined {
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
 * Reads how much of a thing is wanted. What is live has the field `runningSeconds`, unless the output
 * is raw.
 *
 * @returns what makes the output of a thing as VideoSDK returned it
 */
export function readOutput(
	item: Item,
	kind: LiveKind,
	{ simplified }: OutputFields,
): (thing: IDataObject) => IDataObject {
	// A node has 'Output' only as a tool, otherwise 'Simplify'. None of them takes an expression, and
	// n8n throws where it is to evaluate a field that is not shown.
	const output =
		item.rawParameter('output') || (item.rawParameter('simplify') === false ? 'raw' : 'simplified');
	if (output === 'raw') return (thing) => thing;
	const names =
		output === 'selected'
			? [kind.idField, ...(item.rawParameter('outputFields') as string[])]
			: simplified;
	return (thing) => pick({ ...thing, runningSeconds: runningSeconds(kind, thing) }, names);
}
