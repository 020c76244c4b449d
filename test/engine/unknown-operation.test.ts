import { session } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

test('an operation that the package does not know is named', async () => {
	const { error } = await run(await startApi(), session('restart'));
	expect(error).toMatchObject({
		message: 'This version of the VideoSDK node does not have the selected operation',
		description: expect.stringContaining('operation "restart" of resource "agentSession"'),
	});
});
