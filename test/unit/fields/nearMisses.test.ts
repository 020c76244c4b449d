import type { IDataObject } from 'n8n-workflow';
import { nearMisses, otherId } from '../../../nodes/VideoSdk/fields/nearMisses';

const several = {
	a: { sessionId: 1 },
	b: { sessionId: 1 },
	c: { sessionId: 1 },
	d: { sessionId: 1 },
};

// The path in the expression, the item, the name that was wanted, and those that were found.
test.each<[string, string, IDataObject, string, string]>([
	['other case', '.sessionId', { SessionID: 'a' }, 'sessionId', 'SessionID'],
	['an underscore', '.sessionId', { session_id: 'a' }, 'sessionId', 'session_id'],
	['a hyphen', '.sessionId', { 'session-id': 'a' }, 'sessionId', 'session-id'],
	['a letter left out', '.sesionId', { sessionId: 'a' }, 'sesionId', 'sessionId'],
	['a letter too many', '.sessionIds', { sessionId: 'a' }, 'sessionIds', 'sessionId'],
	['two letters wrong', '.tessionit', { sessionId: 'a' }, 'tessionit', 'sessionId'],
	['two letters too many', '.mysessionId', { sessionId: 'a' }, 'mysessionId', 'sessionId'],
	['two letters left out', '.ssionId', { sessionId: 'a' }, 'ssionId', 'sessionId'],
	['two letters swapped', '.sessionDi', { sessionId: 'a' }, 'sessionDi', 'sessionId'],
	['a wrong letter of five', '.calls', { cells: 'a' }, 'calls', 'cells'],
	['a level below', '.sessionId', { body: { sessionId: 'a' } }, 'sessionId', 'body.sessionId'],
	['a level above', '.body.sessionId', { sessionId: 'a' }, 'body.sessionId', 'sessionId'],
	['brackets', '["session id"]', { session_id: 'a' }, 'session id', 'session_id'],
	['spaces in brackets', '[ "session id" ]', { sessionID: 'a' }, 'session id', 'sessionID'],
	['a quote in quotes', `["caller's id"]`, { callerSid: 'a' }, "caller's id", 'callerSid'],
	['digits in a name', '.line2.id', { line2: { ID: 'a' } }, 'line2.id', 'line2.ID'],
	['beside null', '.sessionId', { sessionId: null, session_id: 'a' }, 'sessionId', 'session_id'],
	['below null', '.body.sessionId', { body: null, sessionId: 1 }, 'body.sessionId', 'sessionId'],
	['the fourth level', '.id', { a: { b: { c: { ID: 'a' } } } }, 'id', 'a.b.c.ID'],
	['other quotes', "['body'].id", { body: { ID: 7 } }, 'body.id', 'body.ID'],
	['optional chaining', '?.body?.id', { body: { Id: 7 } }, 'body.id', 'body.Id'],
	['the second name', '.a + $json.tagg', { a: 1, 'tag-g': 'x' }, 'tagg', 'tag-g'],
	['up to three', '.sessionId', several, 'sessionId', 'a.sessionId b.sessionId c.sessionId'],
])('finds %s', (_name, expression, json, wanted, paths) => {
	const found = paths
		.split(' ')
		.map((path) => (path.includes('-') ? `{{ $json["${path}"] }}` : `{{ $json.${path} }}`));
	expect(nearMisses(`={{ $json${expression} }}`, json)).toEqual({ wanted, found });
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

test.each<[string, IDataObject, string?, string?]>([
	['sessionId', { body: { roomId: 'r' } }, '{{ $json.body.roomId }}', 'Room'],
	['sessionId', { 'Meeting ID': 7 }, '{{ $json["Meeting ID"] }}', 'Room'],
	['roomId', { call_id: 'c' }, '{{ $json.call_id }}', 'Call'],
	['callId', { a: { sessionId: 's' } }, '{{ $json.a.sessionId }}', 'Agent Session'],
	['roomId', { meetingId: 'm' }],
	['callId', { roomId: '' }],
	['filters.tag', { roomId: 'r' }],
])('an item without %s may have the ID of another resource: %j', (...given) => {
	const [path, json, expression, resource] = given;
	expect(otherId(path, json)).toEqual(expression && { expression, resource });
});

test('the ID of another resource is looked for among no more than a thousand names', () => {
	const large = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`field${at}`, at]));
	expect(otherId('sessionId', { ...large, roomId: 'r' })).toBeUndefined();
});
