import { byId } from '../../dev/n8n/flow';
import { itemsOf, stopsNever } from '../support/nodeRun';
import { countOf, idsIn, session, SESSIONS } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

describe('Get', () => {
	const get = session('get', { sessionId: byId('={{ $json.sessionId }}') });

	test('gives every field of the session as it came', async () => {
		const api = await startApi();
		const { sessionId } = api.addSession({ cost: { amount: 1 } });
		const { items, hint } = await run(api, get, itemsOf([sessionId]));
		expect(items).toEqual([{ json: api.session(sessionId), pairedItem: { item: 0 } }]);
		expect(hint).toBeUndefined();
	});

	test('says that there is no such session, on the side of its item', async () => {
		const api = await startApi();
		const { sessionId } = api.addSession();
		const { items, failed } = await run(api, get, itemsOf(['none', sessionId]), stopsNever);
		expect(items[0]?.pairedItem).toEqual({ item: 1 });
		expect(failed[0]?.json).toMatchObject({
			error: {
				message:
					'Session "none" could not be read: there is no such session in this VideoSDK project',
				sessionId: 'none',
				httpCode: '404',
			},
		});
	});

	test('asks once for a session that is named twice', async () => {
		const api = await startApi();
		const { sessionId } = api.addSession();
		const { items } = await run(api, get, itemsOf([sessionId, sessionId]));
		expect(idsIn(items)).toEqual([sessionId, sessionId]);
		expect(countOf(api, `GET ${SESSIONS}/{sessionId}`)).toBe(1);
	});
});
