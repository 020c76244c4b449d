import { endOptions, readIfAlreadyEnded } from '../../../nodes/VideoSdk/fields/endOptions';

const added = endOptions('session').find(({ name }) => name === 'ifAlreadyEnded');

test('adding If Already Ended changes nothing until another choice is made', () => {
	expect(added?.default).toBe(readIfAlreadyEnded({}));
});

test('each choice of If Already Ended is read back as its value', () => {
	const entries = (added?.options ?? []).map((entry) => ('value' in entry ? entry.value : ''));
	expect(entries.map((ifAlreadyEnded) => readIfAlreadyEnded({ ifAlreadyEnded }))).toEqual(entries);
	expect(entries).toEqual(['return', 'fail']);
});
