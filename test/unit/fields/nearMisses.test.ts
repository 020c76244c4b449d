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
	['a name in another case', '.sessionId', { SessionID: 'a' }, 'sessionId', 'SessionID'],
	['a name without the underscore', '.sessionId', { session_id: 'a' }, 'sessionId', 'session_id'],
	['a name without the hyphen', '.sessionId', { 'session-id': 'a' }, 'sessionId', 'session-id'],
	['a missing letter', '.sesionId', { sessionId: 'a' }, 'sesionId', 'sessionId'],
	['an extra letter', '.sessionIds', { sessionId: 'a' }, 'sessionIds', 'sessionId'],
	['two wrong letters', '.tessionit', { sessionId: 'a' }, 'tessionit', 'sessionId'],
	['two extra letters', '.mysessionId', { sessionId: 'a' }, 'mysessionId', 'sessionId'],
	['two missing letters', '.ssionId', { sessionId: 'a' }, 'ssionId', 'sessionId'],
	['two swapped letters', '.sessionDi', { sessionId: 'a' }, 'sessionDi', 'sessionId'],
	['one wrong letter of five', '.calls', { cells: 'a' }, 'calls', 'cells'],
	[
		'a field one level deeper',
		'.sessionId',
		{ body: { sessionId: 'a' } },
		'sessionId',
		'body.sessionId',
	],
	[
		'a field one level higher',
		'.body.sessionId',
		{ sessionId: 'a' },
		'body.sessionId',
		'sessionId',
	],
	['a name in brackets', '["session id"]', { session_id: 'a' }, 'session id', 'session_id'],
	[
		'a name in brackets with spaces',
		'[ "session id" ]',
		{ sessionID: 'a' },
		'session id',
		'sessionID',
	],
	['a name with a quote', `["caller's id"]`, { callerSid: 'a' }, "caller's id", 'callerSid'],
	['a name with digits', '.line2.id', { line2: { ID: 'a' } }, 'line2.id', 'line2.ID'],
	[
		'a field that is null',
		'.sessionId',
		{ sessionId: null, session_id: 'a' },
		'sessionId',
		'session_id',
	],
	[
		'a field of an object that is null',
		'.body.sessionId',
		{ body: null, sessionId: 1 },
		'body.sessionId',
		'sessionId',
	],
	['a field on the fourth level', '.id', { a: { b: { c: { ID: 'a' } } } }, 'id', 'a.b.c.ID'],
	['a name in single quotes', "['body'].id", { body: { ID: 7 } }, 'body.id', 'body.ID'],
	['optional chaining', '?.body?.id', { body: { Id: 7 } }, 'body.id', 'body.Id'],
	['the second name in an expression', '.a + $json.tagg', { a: 1, 'tag-g': 'x' }, 'tagg', 'tag-g'],
	[
		'a name that occurs four times',
		'.sessionId',
		several,
		'sessionId',
		'a.sessionId b.sessionId c.sessionId',
	],
])('a similar field is suggested for %s', (_name, expression, json, wanted, paths) => {
	const found = paths
		.split(' ')
		.map((path) => (path.includes('-') ? `{{ $json["${path}"] }}` : `{{ $json.${path} }}`));
	expect(nearMisses(`={{ $json${expression} }}`, json)).toEqual({ wanted, found });
});

test.each<[string, string, IDataObject]>([
	['the item has the name', '$json.sessionId', { sessionId: 'a', session_id: 'b' }],
	['nothing is similar', '$json.sessionId', { caller: '+49' }],
	['the similar field is empty', '$json.sessionId', { session_id: '' }],
	['a short name differs', '$json.id', { ip: '127.0.0.1' }],
	['a name of four letters differs', '$json.call', { cell: 'a' }],
	['a name of four letters has an extra one', '$json.call', { calls: 'a' }],
	['the similar field is null', '$json.sessionId', { session_id: null }],
	['the similar field is on the fifth level', '$json.id', { a: { b: { c: { d: { ID: 'a' } } } } }],
	['there are three extra letters at the start', '$json.thesessionId', { sessionId: 'a' }],
	['there are three extra letters at the end', '$json.sessionIdNew', { sessionId: 'a' }],
	['three letters are missing at the start', '$json.sionId', { sessionId: 'a' }],
	['three letters are missing at the end', '$json.sessio', { sessionId: 'a' }],
	['three letters are wrong at the start', '$json.xyzsionId', { sessionId: 'a' }],
	['one letter is wrong and two are missing', '$json.xssion', { sessionId: 'a' }],
	['three letters are wrong', '$json.sessionId', { sectionsId: 'a' }],
	['the name has no letters', '$json["-"]', { _: 'a' }],
	['the expression reads another node', "$('Webhook').item.json.sessionId", { session_id: 'a' }],
	['the item is empty', '$json.sessionId', {}],
])('no field is suggested if %s', (_name, expression, json) => {
	expect(nearMisses(`={{ ${expression} }}`, json)).toBeUndefined();
});

test.each([
	[998, ['{{ $json.session_id }}']],
	[999, undefined],
	[100_000, undefined],
])('a similar field is looked for in 1,000 names at most: after %i others', (count, found) => {
	const large = Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, at]));
	const near = nearMisses('={{ $json.sessionId }}', { large, session_id: 'a' });
	expect(near?.found).toEqual(found);
});

test.each<[string, IDataObject, string?, string?]>([
	['sessionId', { body: { roomId: 'r' } }, '{{ $json.body.roomId }}', 'Room'],
	['sessionId', { 'Meeting ID': 7 }, '{{ $json["Meeting ID"] }}', 'Room'],
	['roomId', { call_id: 'c' }, '{{ $json.call_id }}', 'Call'],
	['callId', { a: { sessionId: 's' } }, '{{ $json.a.sessionId }}', 'Agent Session'],
	['roomId', { meetingId: 'm' }],
	['callId', { roomId: '' }],
	['filters.tag', { roomId: 'r' }],
])('a missing %s suggests only other resource IDs: %j', (...given) => {
	const [path, json, expression, resource] = given;
	expect(otherId(path, json)).toEqual(expression && { expression, resource });
});

test('the ID of another resource is looked for in 1,000 names at most', () => {
	const large = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`field${at}`, at]));
	expect(otherId('sessionId', { ...large, roomId: 'r' })).toBeUndefined();
});
