import { randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { defaultRequestOptions } from '../../../nodes/VideoSdk/http/client';
import { Clients } from '../../../nodes/VideoSdk/http/clients';

const baseUrl = 'https://api.videosdk.live';

interface Settings {
	/** The credential as it is stored. */
	stored?: IDataObject;
	/** The credential of each item. */
	of?: (index: number) => IDataObject;
	/** Whether n8n gives the credential as it is stored. */
	tells?: boolean;
}

/** The clients of a run in an n8n with this credential, and the items that it was read for. */
function open(
	size: number,
	{ stored = {}, of = () => ({ apiKey: 'k', secretKey: 's', baseUrl }), tells = true }: Settings,
) {
	const reads: number[] = [];
	const context = {
		getNode: () => ({ credentials: { videoSdkApi: { id: '1', name: '' } } }),
		getWorkflow: () => ({ id: 'workflow' }),
		getMode: () => 'manual',
		getExecutionCancelSignal: () => undefined,
		getCredentials: async (_type: string, index: number) => {
			reads.push(index);
			return of(index);
		},
		...(tells && { additionalData: { credentialsHelper: { getDecrypted: async () => stored } } }),
	} as unknown as IExecuteFunctions;
	const clients = new Clients(context, defaultRequestOptions, size);
	const all = async () =>
		await Promise.all([...Array(size).keys()].map(async (index) => await clients.of(index)));
	return { clients, all, reads };
}

/** What is distinct, by the numbers of those that came first. */
const patternOf = (things: unknown[]) => things.map((thing) => things.indexOf(thing));

describe('a credential that varies by item', () => {
	test.each<[unknown, boolean]>([
		['abc', false],
		['', false],
		[undefined, false],
		['a{{ $json.key }}', false],
		['=abc', false],
		['={{ $vars.key }}', false],
		['={{$secrets.vault.key}}', false],
		['={{ $secrets.vault["the-key"] }}', false],
		["={{ $env['KEY'] }}", false],
		['=https://{{ $vars.region }}.example.com/{{ $vars.path }}', false],
		['={{ $json.apiKey }}', true],
		['={{ $vars[$json.customer] }}', true],
		['={{ $secrets.vault[$json.customer].key }}', true],
		['={{ $vars.key + $json.key }}', true],
		['={{ $vars.key }}{{ $json.key }}', true],
		["={{ $('Webhook').item.json.key }}", true],
		['={{ $itemIndex }}', true],
		['={{ $vars }}', true],
		['={{ $now }}', true],
		['={{ {}.key }}', true],
	])('%j varies by item: %j', async (value, expected) => {
		for (const field of ['apiKey', 'secretKey', 'baseUrl']) {
			const stored = { apiKey: 'k', secretKey: 's', baseUrl, [field]: value as string };
			expect(await open(2, { stored }).clients.vary()).toBe(expected);
		}
	});

	test('it is unknown whether a credential varies by item if n8n does not expose it', async () => {
		expect(await open(2, { tells: false }).clients.vary()).toBeUndefined();
	});
});

describe('the clients of a run', () => {
	const byItem = { stored: { apiKey: '={{ $json.key }}' } };

	/** An API key that no other test has. */
	const keys = () => {
		const [one, two] = [randomUUID(), randomUUID()];
		return (index: number) => ({ apiKey: [one, two, one][index] ?? one, secretKey: 's', baseUrl });
	};

	test('a credential that is the same for all items is read once for one client', async () => {
		const { all, reads } = open(3, { stored: { apiKey: 'k', secretKey: 's', baseUrl } });
		expect(patternOf(await all())).toEqual([0, 0, 0]);
		expect(reads).toEqual([0]);
	});

	test.each([{}, { tells: false }])(
		'items get one client per project if the credential may vary: %j',
		async (settings) => {
			const { all, reads } = open(3, { ...byItem, ...settings, of: keys() });
			expect(patternOf(await all())).toEqual([0, 1, 0]);
			expect(reads).toEqual([0, 1, 2]);
		},
	);

	test('the credential of an item is read once, even if its client is requested twice', async () => {
		const { clients, reads } = open(3, { ...byItem, of: keys() });
		await clients.of(1);
		await clients.of(1);
		expect(reads).toEqual([1]);
	});

	test.each<[string, IDataObject, number[]]>([
		['another secret key means another client', { secretKey: 't' }, [0, 1]],
		['another base URL means another client', { baseUrl: 'https://eu.example.com' }, [0, 1]],
		['a trailing slash in the base URL means the same client', { baseUrl: `${baseUrl}/` }, [0, 0]],
		['spaces around an API key mean the same client', { apiKey: ' k ' }, [0, 0]],
	])('%s', async (_name, other, expected) => {
		const first = { apiKey: 'k', secretKey: 's', baseUrl };
		const of = (index: number) => (index === 0 ? first : { ...first, ...other });
		expect(patternOf(await open(2, { ...byItem, of }).all())).toEqual(expected);
	});

	test.each([
		['apiKey', 'API Key'],
		['secretKey', 'Secret Key'],
		['baseUrl', 'Base URL'],
	])('an empty %s from an expression is an error of the item', async (field, label) => {
		const of = () => ({ apiKey: 'k', secretKey: 's', baseUrl, [field]: ' ' });
		await expect(open(1, { ...byItem, of }).clients.of(0)).rejects.toMatchObject({
			message: `'${label}' in the VideoSDK credential is empty for this item`,
		});
		// Of one without expressions, the credential itself tells when it signs.
		await expect(open(1, { stored: of(), of }).clients.of(0)).resolves.toBeDefined();
	});
});
