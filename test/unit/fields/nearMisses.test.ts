import type { IDataObject } from 'n8n-workflow';
import { nearMisses, otherId } from '../../../nodes/VideoSdk/fields/nearMisses';

test.each<[string, string, IDataObject, string, string[]]>([
	['other case', '$json.sessionId', { SessionID: 'a' }, 'sessionId', ['SessionID']],
	['an underscore', '$json.sessionId', { session_id: 'a' }, 'sessionId', ['session_id']],
	['a hyphen', '$json.sessionId', { 'session-id': 'a' }, 'sessionId', ['session-id']],
	['a letter left out', '$json.sesionId', { sessionId: 'a' }, 'sesionId', ['sessionId']],
	['a letter too many', '$json.sessionIds', { sessionId: 'a' }, 'sessionIds', ['sessionId']],
	['two letters wrong', '$json.tessionit', { sessionId: 'a' }, 'tessionit', ['sessionId']],
	['two letters too many', '$json.mysessionId', { sessionId: 'a' }, 'mysessionId', ['sessionId']],
	['two letters left out', '$json.ssionId', { sessionId: 'a' }, 'ssionId', ['sessionId']],
	['two letters swapped', '$json.sessionDi', { sessionId: 'a' }, 'sessionDi', ['sessionId']],
	['a wrong letter of five', '$json.calls', { cells: 'a' }, 'calls', ['cells']],
	[
		'a level below',
		'$json.sessionId',
		{ body: { sessionId: 'a' } },
		'sessionId',
		['body.sessionId'],
	],
	['a level above', '$json.body.sessionId', { sessionId: 'a' }, 'body.sessionId', ['sessionId']],
	['brackets', '$json["session id"]', { session_id: 'a' }, 'session id', ['session_id']],
	[
		'spaces within brackets',
		'$json[ "session id" ]',
		{ sessionID: 'a' },
		'session id',
		['sessionID'],
	],
	[
		'a quote within quotes',
		`$json["caller's id"]`,
		{ callerSid: 'a' },
		"caller's id",
		['callerSid'],
	],
	['digits in a name', '$json.line2.id', { line2: { ID: 'a' } }, 'line2.id', ['line2.ID']],
	[
		'what is there but null',
		'$json.sessionId',
		{ sessionId: null, session_id: 'a' },
		'sessionId',
		['session_id'],
	],
	[
		'what is missing below null',
		'$json.body.sessionId',
		{ body: null, sessionId: 'a' },
		'body.sessionId',
		['sessionId'],
	],
	['the fourth level', '$json.id', { a: { b: { c: { ID: 'a' } } } }, 'id', ['a.b.c.ID']],
	['other quotes', "$json['body'].id", { body: { ID: 7 } }, 'body.id', ['body.ID']],
	['optional chaining', '$json?.body?.id', { body: { Id: 7 } }, 'body.id', ['body.Id']],
	['the second name', '$json.a + $json.tagg', { a: 1, 'tag-g': 'x' }, 'tagg', ['tag-g']],
	[
		'several, up to three',
		'$json.sessionId',
		{ a: { sessionId: 1 }, b: { sessionId: 1 }, c: { sessionId: 1 }, d: { sessionId: 1 } },
		'sessionId',
		['a.sessionId', 'b.sessionId', 'c.sessionId'],
	],
])('finds %s', (_name, expression, json, wanted, found) => {
	const written = (path: string) =>
		path.includes('-') ? `{{ $json["${path}"] }}` : `{{ $json.${path} }}`;
	expect(nearMisses(`={{ ${expression} }}`, json)).toEqual({ wanted, found: found.map(written) });
});

test.each<[string, string, IDataObject]>([
	['the item has the name', '$json.sessionId', { sessionId: 'a', session_id: 'b' }],
	['nothing is like it', '$json.sessionId', { caller: '+49' }],
	['what is like it is empty', '$json.sessionId', { session_id: '' }],
	['a short name is another', '$json.id', { ip: '127.0.0.1' }],
	['a name of four letters is another', '$json.call', { cell: 'a' }],
	['a name of four letters has one more', '$json.call', { calls: 'a' }],
	['what is like it is null', '$json.sessionId', { session_id: null }],
	['what is like it is on the fifth level', '$json.id', { a: { b: { c: { d: { ID: 'a' } } } } }],
	['three letters are too many at the start', '$json.thesessionId', { sessionId: 'a' }],
	['three letters are too many at the end', '$json.sessionIdNew', { sessionId: 'a' }],
	['three letters are left out at the start', '$json.sionId', { sessionId: 'a' }],
	['three letters are left out at the end', '$json.sessio', { sessionId: 'a' }],
	['three letters are wrong at the start', '$json.xyzsionId', { sessionId: 'a' }],
	['a letter is wrong, and two are left out', '$json.xssion', { sessionId: 'a' }],
	['three letters are wrong', '$json.sessionId', { sectionsId: 'a' }],
	['the name has no letters', '$json["-"]', { _: 'a' }],
	['another node is read', "$('Webhook').item.json.sessionId", { session_id: 'a' }],
	['the item is empty', '$json.sessionId', {}],
])('finds nothing where %s', (_name, expression, json) => {
	expect(nearMisses(`={{ ${expression} }}`, json)).toBeUndefined();
});

test.each([
	[998, ['{{ $json.session_id }}']],
	[999, undefined],
	[100_000, undefined],
])(
	'looks at no more than a thousand names: %i stand before the one, in a field',
	(count, found) => {
		const large = Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, at]));
		const near = nearMisses('={{ $json.sessionId }}', { large, session_id: 'a' });
		expect(near?.found).toEqual(found);
	},
);

test.each<[string, IDataObject, ReturnType<typeof otherId>]>([
	[
		'sessionId',
		{ body: { roomId: 'r' } },
		{ expression: '{{ $json.body.roomId }}', resource: 'Room' },
	],
	['sessionId', { 'Meeting ID': 7 }, { expression: '{{ $json["Meeting ID"] }}', resource: 'Room' }],
	['roomId', { call_id: 'c' }, { expression: '{{ $json.call_id }}', resource: 'Call' }],
	[
		'callId',
		{ session: { sessionId: 's' } },
		{ expression: '{{ $json.session.sessionId }}', resource: 'Agent Session' },
	],
	['roomId', { meetingId: 'm' }, undefined],
	['callId', { roomId: '' }, undefined],
	['filters.tag', { roomId: 'r' }, undefined],
])('an item without %s may have the ID of another resource: %j', (path, json, expected) => {
	expect(otherId(path, json)).toEqual(expected);
});

test('the ID of another resource is looked for among no more than a thousand names', () => {
	const large = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`field${at}`, at]));
	expect(otherId('sessionId', { ...large, roomId: 'r' })).toBeUndefined();
});
