import { endOptions, readIfAlreadyEnded } from '../../../nodes/VideoSdk/fields/endOptions';

test('adding If Already Ended changes nothing until another entry is chosen', () => {
	const added = endOptions('session').find(({ name }) => name === 'ifAlreadyEnded');
	expect(added?.default).toBe(readIfAlreadyEnded({}));
});
