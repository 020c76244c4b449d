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

test('a session is started with all fields that are filled in', () => {
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
	['no fields', {}],
	['empty fields', { tag: ' ', additionalFields: { env: {}, metadata: {}, metadataJson: '{}' } }],
])('a session start does not send empty values: %s', (_name, values) => {
	expect(read(values)).toEqual({ deploymentId: 'd1' });
});

test("only the option 'Start Without Deployment' leaves out the deployment", () => {
	expect(read({}, { startWithoutDeployment: true })).toEqual({});
	expect(read({}, { startWithoutDeployment: false })).toEqual({ deploymentId: 'd1' });
	expect(() => read({ deploymentId: '' })).toThrow(
		expect.objectContaining({
			message: "'Deployment' is empty",
			nextStep: expect.stringContaining("turn on the option 'Start Without Deployment'") as string,
		}),
	);
});

test('a webhook URL with an umlaut in its host is accepted every time', () => {
	const additionalFields = { webhookUrl: 'https://bücher.example/webhook/1' };
	for (let time = 0; time < 20_000; time++) read({ additionalFields });
});

test('a deployment tag that is not text is rejected', () => {
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
])('an entry without a key is an error of its field: %j', (fields, message) => {
	expect(() => readWith(fields)).toThrow(expect.objectContaining({ message }));
});

describe('the webhook', () => {
	test('the webhook of a session gets all events if none are selected', () => {
		expect(readWith({ webhookUrl: url }).webhook).toEqual({ endPoint: url, events: all });
	});

	test.each([
		['plain HTTP', 'http://n8n:5678/webhook/1'],
		['in capitals', 'HTTPS://n8n.example'],
		['2,048 characters long', `https://n/${'x'.repeat(2_038)}`],
	])('a webhook URL can be %s', (_name, webhookUrl) => {
		expect(readWith({ webhookUrl }).webhook?.endPoint).toBe(webhookUrl);
	});

	const message = "'Webhook URL' is not a web address";

	test.each<[string, unknown, string]>([
		['an empty string', '', "'Webhook URL' is empty"],
		['null', null, "'Webhook URL' is empty"],
		['a list', [url], 'The webhook URL is a list, not text'],
		[
			'a URL of 2,049 characters',
			`https://n/${'x'.repeat(2_039)}`,
			'The webhook URL is longer than 2048 characters: "https://n/xxxxxxxxxx…"',
		],
		['a URL without a scheme', 'n8n.example/webhook', message],
		['a path', '/webhook/https://n8n.example', message],
		['an FTP URL', 'ftp://n8n.example', message],
		['a scheme that begins with http', 'httpx://n8n.example', message],
		['a scheme that ends with https', 'x-https://n8n.example', message],
		['a URL without a host', 'https://', message],
		['a URL with a space', 'https://n8n example', message],
	])('a webhook URL is rejected if it is %s', (_name, webhookUrl, problem) => {
		expect(() => readWith({ webhookUrl } as IDataObject)).toThrow(
			expect.objectContaining({
				message: problem,
				nextStep: expect.stringContaining('enter an https:// address') as string,
			}),
		);
	});

	test('an empty webhook URL is distinguished from an expression without a result', () => {
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
	])('the webhook events %j are rejected', (webhookEvents, message) => {
		expect(() => readWith({ webhookUrl: url, webhookEvents } as IDataObject)).toThrow(
			expect.objectContaining({ message }),
		);
	});
});
