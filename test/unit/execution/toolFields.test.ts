import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { isTool } from '../../../nodes/VideoSdk/shared/isTool';
import { isFromModel, problemOfTool } from '../../../nodes/VideoSdk/execution/toolFields';

const text = { type: 'string', default: '' } as const;

const fields: INodeProperties[] = [
	{ ...text, displayName: 'Session', name: 'sessionId', type: 'resourceLocator' },
	{ ...text, displayName: 'To', name: 'to' },
	{ ...text, displayName: 'Dry Run', name: 'dryRun' },
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		default: {},
		options: [{ ...text, displayName: 'Started After', name: 'startedAfter' }],
	},
	{ displayName: 'Environment Variables', name: 'env', type: 'fixedCollection', default: {} },
];

const check = (parameters: IDataObject) => problemOfTool(fields, parameters);

test.each([
	['a literal ID', 'session-1'],
	['$json outside an expression', '$json.sessionId'],
	['braces outside an expression', 'costs $input and {{ $json.x }} without an expression'],
	['an expression without code', '=no code, $json'],
	['$fromAI', "={{ $fromAI('sessionId') }}"],
	[
		'$fromAI as n8n generates it',
		"={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('To', `as in $json, or this`, 'string') }}",
	],
	['$fromAI in other cases', "={{ $fromai('to') }} and {{ $fromAi('to') }}"],
	['the item of a named node', "={{ $('Webhook').item.json.body.sessionId }}"],
	['a node named like a variable', "={{ $('Read $json of $input').first().json['this'] }}"],
	['all items of a named node', '={{ $("Webhook").all()[0].json.params.binary }}'],
	[
		'optional chaining and ??',
		"={{ $('Webhook').item?.json?.body ?? $('Other').last().json.body }}",
	],
	['$node', '={{ $node["Webhook"].json.body.sessionId }} {{ $node.Webhook.json.id }}'],
	['a function', "={{ $('Webhook').all().find((row) => row.json.isLive).json.id }}"],
	['a local constant', "={{ (() => { const { id } = $('Webhook').item.json; return id })() }}"],
	['a template literal', "={{ `tel:${$('Webhook').item.json.from.replace(/\\D/g, '')}` }}"],
	[
		'text between expressions',
		"=tel:{{ $('Webhook').item.json.from }} $json {{ $now.minus({ hours: 1 }) }}",
	],
	['an object', '={{ { hours: 1, text: "}" }.hours; }}'],
	[
		'functions of n8n',
		'={{ $if($vars.live, $max(1, 2), $today.toISO()) + Math.round(5 / 2) / 2 }}',
	],
	['an escaped expression', '=\\{{ $json.sessionId }}'],
])('a tool accepts %s', (_name, to) => {
	expect(check({ to, sessionId: { __rl: true, mode: 'id', value: to } })).toBeUndefined();
});

test.each([
	['={{ $json.sessionId }}', '$json'],
	['={{ $json["sessionId"] }}', '$json'],
	["={{ $('Webhook').item.json.id ?? $json.id }}", '$json'],
	["=tel:{{ $('Webhook').item.json.id }}{{ $json.id }}", '$json'],
	['={{ `${$json.id}` }}', '$json'],
	['={{ { $json } }}', '$json'],
	["={{ $('Webhook').all()[$json.at].json.id }}", '$json'],
	["={{ $fromAI('id', '', 'string', $json.id) }}", '$json'],
	['={{ $input.item.json.sessionId }}', '$input'],
	['={{ $input.first().json.id }}', '$input'],
	['={{ $binary.data.fileName }}', '$binary'],
	['={{ $data.id }}', '$data'],
	['={{ $items()[0].json.id }}', '$items'],
	['={{ this.id }}', 'this'],
	["={{ $('Webhook').params.path }}", '$'],
	["={{ $($fromAI('node')).item.json.id }}", '$'],
	['={{ $parameter.sessionId }}', '$parameter'],
	['={{ sessionId }}', 'sessionId'],
])('a tool rejects the value %s', (to, name) => {
	expect(check({ to })).toMatchObject({
		message: `The expression in 'To' uses "${name}", which the AI model could change`,
		nextStep:
			"In the expression, refer to the node that has the value, such as {{ $('Webhook').item.json.body.to }}. Or let the AI model fill in the field: {{ $fromAI('to') }}. Nothing was sent.",
		of: 'node',
	});
});

const json = '={{ $json.x }}';

test.each(['resource', 'operation', 'dryRun'])(
	'the AI model is not offered the field %s',
	(name) => {
		const nextStep = `In the expression, refer to the node that has the value, such as {{ $('Webhook').item.json.body.${name} }}. Or choose a fixed value. Nothing was sent.`;
		expect(check({ [name]: json })).toHaveProperty('nextStep', nextStep);
	},
);

test.each<[string, string, IDataObject]>([
	['a resource locator', 'Session', { sessionId: { __rl: true, mode: 'id', value: json } }],
	['an option of a collection', 'Started After', { filters: { startedAfter: json } }],
	['a whole collection', 'Filters', { filters: json }],
	['an unknown option of a collection', 'Filters', { filters: { unknown: json } }],
	[
		'an entry of a list',
		'Environment Variables',
		{ env: { entries: [{ key: 'A', value: 'b' }, { key: json }] } },
	],
	['the operation', 'Operation', { operation: json }],
	['the resource', 'Resource', { resource: json }],
])("the error for %s names the field '%s'", (_name, label, parameters) => {
	expect(check(parameters)?.message).toBe(
		`The expression in '${label}' uses "$json", which the AI model could change`,
	);
});

test('a tool rejects an expression that cannot be parsed', () => {
	expect(check({ to: '={{ $now. }}' })?.message).toBe(
		"The expression in 'To' cannot be checked, so the AI model might control its value",
	);
});

test('a tool ignores fields of other operations and fields that n8n adds', () => {
	expect(check({ toolDescription: json, callId: json })).toBeUndefined();
});

test.each([
	["={{ $fromAI('tag') }}", true],
	["={{ 'v' + $fromai('tag') }}", true],
	[{ value: "={{ $fromAI('tag') }}" }, true],
	["={{ $('Webhook').item.json.tag }}", false],
	['={{ "$fromAI" }}', false],
	["$fromAI('tag')", false],
	[undefined, false],
	[5, false],
])('the AI model fills in %j: %s', (raw, expected) => {
	expect(isFromModel(raw)).toBe(expected);
});

test.each([
	['n8n-nodes-videosdk.videoSdkTool', true],
	['n8n-nodes-videosdk.videoSdk', false],
])('the node type %s is a tool: %s', (type, expected) => {
	expect(isTool({ type })).toBe(expected);
});
