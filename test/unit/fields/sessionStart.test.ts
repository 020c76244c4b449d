import type { IDataObject } from 'n8n-workflow';
import { readSessionStart } from '../../../nodes/VideoSdk/fields/sessionStart';
import { itemWith } from '../../support/item';

const read = (values: IDataObject, options: IDataObject = {}) =>
	readSessionStart(itemWith({ deploymentId: 'd1', ...values }), options);

const readWith = (additionalFields: IDataObject) => read({ additionalFields });

const url = 'https://n8n.example/webhook/1';

const all = ['starting', 'started', 'stopping', 'stopped', 'failed'].map(
	(event) => `ai-deployment-session-${event}`,
);

test('a session is started with all that is filled in', () => {
	const entries = [{ key: 'KEY', value: 'value' }];
	const webhookEvents = all.slice(0, 2);
	const fields = { env: { entries }, metadata: { entries }, metadataJson: '{ "order": 7 }' };
	const additionalFields = { ...fields, webhookUrl: ` ${url} `, webhookEvents };
	expect(read({ tag: ' v1.0 ', additionalFields })).toEqual({
		...{ deploymentId: 'd1', tag: 'v1.0', env: { KEY: 'value' } },
		metaData: { order: 7, KEY: 'value' },
		webhook: { endPoint: url, events: webhookEvents },
	});
});

test.each<[string, IDataObject]>([
	['nothing', {}],
	['empty fields', { tag: ' ', additionalFields: { env: {}, metadata: {}, metadataJson: '{}' } }],
])('what is left empty is not sent: %s', (_name, values) => {
	expect(read(values)).toEqual({ deploymentId: 'd1' });
});

test('the deployment is left out only by the option for it', () => {
	expect(read({}, { startWithoutDeployment: true })).toEqual({});
	expect(read({}, { startWithoutDeployment: false })).toEqual({ deploymentId: 'd1' });
	expect(() => read({ deploymentId: '' })).toThrow(
		expect.objectContaining({
			message: "'Deployment' is empty",
			nextStep: expect.stringContaining("turn on the option 'Start Without Deployment'") as string,
		}),
	);
});

test('a webhook URL whose host has an umlaut is one each time', () => {
	const additionalFields = { webhookUrl: 'https://bücher.example/webhook/1' };
	for (let time = 0; time < 20_000; time++) read({ additionalFields });
});

test('a tag that is not text is refused', () => {
	expect(() => read({ tag: ['v1.0'] })).toThrow(
		expect.objectContaining({
			message: 'The tag is a list, not text',
			nextStep: expect.stringContaining("'Tag', such as v1.0") as string,
		}),
	);
});

test.each<[IDataObject, string]>([
	[{ env: { entries: [{}] } }, "'Key (Environment Variables)' is empty"],
	[{ metadata: { entries: [{}] } }, "'Key (Metadata)' is empty"],
])('an entry without a key is refused, by the name of its field: %j', (fields, message) => {
	expect(() => readWith(fields)).toThrow(expect.objectContaining({ message }));
});

describe('the webhook', () => {
	test('gets all events where none are chosen', () => {
		expect(readWith({ webhookUrl: url }).webhook).toEqual({ endPoint: url, events: all });
	});

	test.each(['http://n8n:5678/webhook/1', 'HTTPS://n8n.example', `https://n/${'x'.repeat(2_038)}`])(
		'may be at %s',
		(webhookUrl) => {
			expect(readWith({ webhookUrl }).webhook?.endPoint).toBe(webhookUrl);
		},
	);

	const message = "'Webhook URL' is not a web address";

	test.each<[unknown, string]>([
		['', "'Webhook URL' is empty"],
		[null, "'Webhook URL' is empty"],
		[[url], 'The webhook URL is a list, not text'],
		[
			`https://n/${'x'.repeat(2_039)}`,
			'The webhook URL is longer than 2048 characters: "https://n/xxxxxxxxxx…"',
		],
		['n8n.example/webhook', message],
		['/webhook/https://n8n.example', message],
		['ftp://n8n.example', message],
		['httpx://n8n.example', message],
		['x-https://n8n.example', message],
		['https://', message],
		['https://n8n example', message],
	])('may not be at %j', (webhookUrl, problem) => {
		expect(() => readWith({ webhookUrl } as IDataObject)).toThrow(
			expect.objectContaining({
				message: problem,
				nextStep: expect.stringContaining('enter an https:// address') as string,
			}),
		);
	});

	test('that an expression does not find is told from an empty one', () => {
		const values = { deploymentId: 'd1', additionalFields: { webhookUrl: null } };
		const item = itemWith(values, {
			rawParameter: (path) => (path === 'additionalFields.webhookUrl' ? '={{ $json.none }}' : ''),
		});
		expect(() => readSessionStart(item, {})).toThrow(
			expect.objectContaining({ message: "The expression in 'Webhook URL' returned nothing" }),
		);
	});

	test.each<[unknown, string]>([
		[[], "'Webhook Events' is empty"],
		['ended', `'Webhook Events' does not have this choice: "ended"`],
		[7, `'Webhook Events' does not have this choice: "7"`],
	])('may not get %j for events', (webhookEvents, message) => {
		expect(() => readWith({ webhookUrl: url, webhookEvents } as IDataObject)).toThrow(
			expect.objectContaining({ message }),
		);
	});
});
