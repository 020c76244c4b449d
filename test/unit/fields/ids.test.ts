import { readCallId } from '../../../nodes/VideoSdk/fields/callId';
import { readDeployment } from '../../../nodes/VideoSdk/fields/deploymentId';
import { readRoomId } from '../../../nodes/VideoSdk/fields/roomId';
import { readSessionId } from '../../../nodes/VideoSdk/fields/sessionId';
import type { Item } from '../../../nodes/VideoSdk/execution/work';
import { itemWith, itemWithout } from '../../support/item';

const readDeploymentId = (item: Item) => readDeployment(item).deploymentId;

describe.each([
	['call', 'callId', readCallId, '{{ $json.callId }}'],
	['deployment', 'deploymentId', readDeploymentId, "In 'Deployment', choose one from the list"],
	['room', 'roomId', readRoomId, '{{ $json.roomId }}'],
	['session', 'sessionId', readSessionId, '{{ $json.body.sessionId }}'],
])('the ID of a %s', (noun, path, read, advice) => {
	const field = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;
	const nextStep = expect.stringContaining(advice) as string;

	test(`the ${noun} ID is the trimmed value of its field`, () => {
		expect(read(itemWith({ [path]: ' 1 ' }))).toBe('1');
	});

	test(`an empty ${noun} ID is an error that names the field`, () => {
		const error = expect.objectContaining({ message: `'${field}' is empty`, nextStep });
		expect(() => read(itemWith())).toThrow(error);
	});

	test(`an expression for the ${noun} ID that returns nothing is reported`, () => {
		const message = `The expression in '${field}' returned nothing`;
		const error = expect.objectContaining({ message, nextStep });
		expect(() => read(itemWithout(path))).toThrow(error);
	});

	test(`a ${noun} ID that is not text is an error that names it`, () => {
		const message = `The ${noun} ID is a list, not text`;
		const error = expect.objectContaining({ message, nextStep });
		expect(() => read(itemWith({ [path]: ['1', '2'] }))).toThrow(error);
	});
});

test.each([
	[undefined, "In 'Deployment', choose one from the list or enter its ID."],
	['Or none.', "In 'Deployment', choose one from the list or enter its ID. Or none."],
])('the error for an empty deployment adds the given advice: %j', (more, nextStep) => {
	expect(() => readDeployment(itemWith(), more)).toThrow(expect.objectContaining({ nextStep }));
});

test.each(['..?tag=v1', 'd?tag=..', ' ?tag=v1', 'd?tag=%0A'])(
	'a deployment version with parts that cannot be sent is an error: %j',
	(deploymentId) => {
		expect(() => readDeployment(itemWith({ deploymentId }))).toThrow();
	},
);
