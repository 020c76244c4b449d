import type { INode } from 'n8n-workflow';
import { refuseRetryOnFail } from '../../../nodes/VideoSdk/fields/retryOnFail';

test('Retry On Fail is rejected for the whole node, and the error says what to do', () => {
	expect(() => refuseRetryOnFail({ node: { retryOnFail: true } as INode })).toThrow(
		expect.objectContaining({
			message: expect.stringMatching(/^'Retry On Fail' must be off/) as string,
			nextStep: expect.stringMatching(/^Turn it off .* Nothing was sent\./) as string,
			of: 'node',
		}),
	);
});

test('a node without Retry On Fail is accepted', () => {
	expect(() => refuseRetryOnFail({ node: {} as INode })).not.toThrow();
});
