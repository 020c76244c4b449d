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
	'session-1',
	'$json.sessionId',
	'costs $input and {{ $json.x }} without an expression',
	'=no code, $json',
	"={{ $fromAI('sessionId') }}",
	"={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('To', `as in $json, or this`, 'string') }}",
	"={{ $fromai('to') }} and {{ $fromAi('to') }}",
	"={{ $('Webhook').item.json.body.sessionId }}",
	"={{ $('Read $json of $input').first().json['this'] }}",
	'={{ $("Webhook").all()[0].json.params.binary }}',
	"={{ $('Webhook').item?.json?.body ?? $('Other').last().json.body }}",
	'={{ $node["Webhook"].json.body.sessionId }} {{ $node.Webhook.json.id }}',
	"={{ $('Webhook').all().find((row) => row.json.isLive).json.id }}",
	"={{ (() => { const { id } = $('Webhook').item.json; return id })() }}",
	"={{ `tel:${$('Webhook').item.json.from.replace(/\\D/g, '')}` }}",
	"=tel:{{ $('Webhook').item.json.from }} $json {{ $now.minus({ hours: 1 }) }}",
	'={{ { hours: 1, text: "}" }.hours; }}',
	'={{ $if($vars.live, $max(1, 2), $today.toISO()) + Math.round(5 / 2) / 2 }}',
	'=\\{{ $json.sessionId }}',
])('what the model cannot change is taken: %s', (to) => {
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
])('what the model could change is refused: %s', (to, name) => {
	expect(check({ to })).toMatchObject({
		message: `The expression in 'To' uses "${name}", which the AI model could change`,
		nextStep:
			"In the expression, refer to the node that has the value, such as {{ $('Webhook').item.json.body.to }}. Or let the AI model fill in the field: {{ $fromAI('to') }}. Nothing was sent.",
		of: 'node',
	});
});

const json = '={{ $json.x }}';

test.each(['resource', 'operation', 'dryRun'])('the model is not offered the field %s', (name) => {
	const nextStep = `In the expression, refer to the node that has the value, such as {{ $('Webhook').item.json.body.${name} }}. Or choose a fixed value. Nothing was sent.`;
	expect(check({ [name]: json })).toHaveProperty('nextStep', nextStep);
});

test.each<[string, IDataObject]>([
	['Session', { sessionId: { __rl: true, mode: 'id', value: json } }],
	['Started After', { filters: { startedAfter: json } }],
	['Filters', { filters: json }],
	['Filters', { filters: { unknown: json } }],
	['Environment Variables', { env: { entries: [{ key: 'A', value: 'b' }, { key: json }] } }],
	['Operation', { operation: json }],
	['Resource', { resource: json }],
])('a problem names the field as the panel shows it: %s', (label, parameters) => {
	expect(check(parameters)?.message).toBe(
		`The expression in '${label}' uses "$json", which the AI model could change`,
	);
});

test('code that cannot be read is refused', () => {
	expect(check({ to: '={{ $now. }}' })?.message).toBe(
		"The expression in 'To' cannot be checked, so the AI model might control its value",
	);
});

test('fields of other operations, and those that n8n adds, do not count', () => {
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
])('whether the model fills in %j: %s', (raw, expected) => {
	expect(isFromModel(raw)).toBe(expected);
});

test.each([
	['n8n-nodes-videosdk.videoSdkTool', true],
	['n8n-nodes-videosdk.videoSdk', false],
])('whether %s is a tool: %s', (type, expected) => {
	expect(isTool({ type })).toBe(expected);
});
