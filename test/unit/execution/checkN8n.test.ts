import type { INode } from 'n8n-workflow';
import * as n8nWorkflow from 'n8n-workflow';
import { checkN8n } from '../../../nodes/VideoSdk/execution/checkN8n';

const node = { name: 'VideoSDK', type: 'videoSdk' } as INode;

jest.mock('n8n-workflow', () => ({ __esModule: true, ...jest.requireActual('n8n-workflow') }));

test('an n8n version that parses time zones is accepted', () => {
	expect(() => checkN8n(node)).not.toThrow();
});

test('an n8n version before 1.91, which ignores time zones, is rejected', () => {
	const { tryToParseDateTime } = n8nWorkflow;
	jest
		.spyOn(n8nWorkflow, 'tryToParseDateTime')
		.mockImplementation((value) => tryToParseDateTime(value));
	expect(() => checkN8n(node)).toThrow(
		expect.objectContaining({
			message: 'This version of n8n is too old for the VideoSDK node',
			description: 'The node needs n8n 1.123 or later. Nothing was sent to VideoSDK. Update n8n.',
		}),
	);
});
