import { endOptions, readIfAlreadyEnded } from '../../../nodes/VideoSdk/fields/endOptions';

const added = endOptions('session').find(({ name }) => name === 'ifAlreadyEnded');

test('adding If Already Ended changes nothing until another entry is chosen', () => {
	expect(added?.default).toBe(readIfAlreadyEnded({}));
});

test('each entry of If Already Ended is read as what was chosen', () => {
	const entries = (added?.options ?? []).map((entry) => ('value' in entry ? entry.value : ''));
	expect(entries.map((ifAlreadyEnded) => readIfAlreadyEnded({ ifAlreadyEnded }))).toEqual(entries);
	expect(entries).toEqual(['return', 'fail']);
});
