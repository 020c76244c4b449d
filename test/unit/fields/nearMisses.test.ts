import type { IDataObject } from 'n8n-workflow';
import { nearMisses } from '../../../nodes/VideoSdk/fields/nearMisses';

test.each<[string, string, IDataObject, string, string[]]>([
	['other case', '$json.sessionId', { SessionID: 'a' }, 'sessionId', ['SessionID']],
	['an underscore', '$json.sessionId', { session_id: 'a' }, 'sessionId', ['session_id']],
	['a hyphen', '$json.sessionId', { 'session-id': 'a' }, 'sessionId', ['session-id']],
	['a letter left out', '$json.sesionId', { sessionId: 'a' }, 'sesionId', ['sessionId']],
	['a letter too many', '$json.sessionIds', { sessionId: 'a' }, 'sessionIds', ['sessionId']],
	['two letters wrong', '$json.tessioniD', { sessionId: 'a' }, 'tessioniD', ['sessionId']],
	[
		'a level below',
		'$json.sessionId',
		{ body: { sessionId: 'a' } },
		'sessionId',
		['body.sessionId'],
	],
	['a level above', '$json.body.sessionId', { sessionId: 'a' }, 'body.sessionId', ['sessionId']],
	['brackets', '$json["session id"]', { session_id: 'a' }, 'session id', ['session_id']],
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
	expect(nearMisses(`={{ ${expression} }}`, json)).toEqual({ wanted, found });
});

test.each<[string, string, IDataObject]>([
	['the item has the name', '$json.sessionId', { sessionId: 'a', session_id: 'b' }],
	['nothing is like it', '$json.sessionId', { caller: '+49' }],
	['what is like it is empty', '$json.sessionId', { session_id: '' }],
	['a short name is another', '$json.id', { ip: '127.0.0.1' }],
	['three letters are wrong', '$json.sessionId', { sectionsId: 'a' }],
	['the name has no letters', '$json["-"]', { _: 'a' }],
	['another node is read', "$('Webhook').item.json.sessionId", { session_id: 'a' }],
	['the item is empty', '$json.sessionId', {}],
])('finds nothing where %s', (_name, expression, json) => {
	expect(nearMisses(`={{ ${expression} }}`, json)).toBeUndefined();
});

test('gives up in a large item', () => {
	const large = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`field${at}`, at]));
	expect(nearMisses('={{ $json.sessionId }}', { large, session_id: 'a' })).toBeUndefined();
});
