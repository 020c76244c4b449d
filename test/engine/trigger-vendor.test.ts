import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { VideoSDK, WebhookVerificationError } from '@videosdk.live/server-sdk';
import fc from '../support/fastCheck';
import { TriggerUrl } from '../support/webhook';
import { useEngine } from './setup';

const { engine } = useEngine();

const credential = { apiKey: 'key', secretKey: 'secret', baseUrl: 'http://127.0.0.1:1' };

const vendor = new VideoSDK({ apiKey: credential.apiKey, secret: credential.secretKey }).webhooks;

/** A key pair, and the texts that both sides take for its public key. */
function signerOf({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }) {
	const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
	return { privateKey, pem, type: publicKey.asymmetricKeyType ?? '' };
}

const rsa = signerOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const rsaOfOther = signerOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const rsaLong = signerOf(generateKeyPairSync('rsa', { modulusLength: 3072 }));
const ec = signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const rsaPss = signerOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }));

type Signer = typeof rsa;

/** Spellings of a key that mean the same. */
const spellings: Array<(signer: Signer) => string> = [
	({ pem }) => pem,
	({ pem }) => pem.replaceAll('\n', '\r\n'),
	({ pem }) => `The key of VideoSDK:\n\n${pem}\n`,
	({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
];

/** What is no key, though it may look like one. */
const brokenKeys = ['', 'key', rsa.pem.slice(0, 100), rsa.pem.replaceAll('-', '')];

/** A key as people paste it, which the vendor's SDK takes only when its lines are restored. */
const pasted: Array<(pem: string) => string> = [
	(pem) => pem.replaceAll('\n', ' '),
	(pem) => pem.replaceAll('\n', '\\n'),
	(pem) => JSON.stringify({ publicKey: pem }),
];

const algorithms: Array<(body: Buffer, key: KeyObject) => Buffer> = [
	(body, key) => sign('RSA-SHA1', body, key),
	(body, key) => sign('RSA-SHA512', body, key),
	(body, key) => sign('RSA-SHA256', body, { key, padding: constants.RSA_PKCS1_PSS_PADDING }),
	// The hash of the hash, and the signature of nothing.
	(body, key) => sign('RSA-SHA256', sign('RSA-SHA256', body, key), key),
	(_body, key) => sign('RSA-SHA256', Buffer.alloc(0), key),
];

function flipBit(bytes: Buffer, at: number): Buffer {
	const flipped = Buffer.from(bytes);
	const bit = at % Math.max(1, bytes.length * 8);
	if (bytes.length > 0)
		flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
	return flipped;
}

const insert = (text: string, what: string, at: number) =>
	text.slice(0, at % (text.length + 1)) + what + text.slice(at % (text.length + 1));

interface Case {
	kind: string;
	/** What was signed. */
	signed: Buffer;
	/** What is sent. */
	body: Buffer;
	/** Value of the header, none without. */
	header?: string;
	/** What the vendor is given for a header that came more than once, in the list that it takes. */
	headers?: string[];
	signer: Signer;
	pem: string;
	/** The key in the spelling of the vendor, if another is pasted. */
	meant?: string;
}

const at = fc.nat(1_000_000);

const sessionTypes = ['ai-deployment-session', 'agent-session'].flatMap((spelling) =>
	['starting', 'started', 'stopping', 'stopped', 'failed'].map((event) => `${spelling}-${event}`),
);

/** Texts that no session is called, or that would name another place in the path of a request. */
const noIds = ['', '.', '..', '\n', 'a\u0008b', '\ud800', 'x'.repeat(513)];

const event = fc.record({
	webhookType: fc.constantFrom(...sessionTypes, 'meeting-started'),
	data: fc.record({
		sessionId: fc.oneof(
			{ weight: 20, arbitrary: fc.string({ minLength: 1, unit: 'grapheme' }) },
			fc.constantFrom(...noIds),
		),
		note: fc.string(),
	}),
});

const goodBody = event.map((value) => Buffer.from(JSON.stringify(value)));

/** What VideoSDK would never send. */
const oddBodies: Record<string, fc.Arbitrary<string | Buffer>> = {
	'JSON that may be no object': fc.json(),
	'a type called type': fc
		.record({ type: fc.constantFrom(...sessionTypes), data: fc.constant({ sessionId: 's1' }) })
		.map((value) => JSON.stringify(value)),
	'an odd session': fc
		.record({ webhookType: fc.constantFrom(...sessionTypes), data: fc.jsonValue() })
		.map((value) => JSON.stringify(value)),
	'a text': fc.string({ unit: 'binary' }),
	'random bytes': fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
	'a byte order mark': goodBody.map((body) =>
		Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
	),
	'UTF-16': goodBody.map((body) => Buffer.from(body.toString(), 'utf16le')),
	'JSON with a bit flipped': fc.tuple(goodBody, at).map(([body, where]) => flipBit(body, where)),
	'invalid UTF-8': fc
		.tuple(goodBody, at, fc.constantFrom(0x80, 0xc0, 0xff))
		.map(([body, where, byte]) => {
			const position = where % (body.length + 1);
			return Buffer.concat([
				body.subarray(0, position),
				Buffer.from([byte]),
				body.subarray(position),
			]);
		}),
	'a small body': fc.constantFrom(
		...['null', '1', '"text"', 'true', '[]', '{}', '', ' ', '{"webhookType":1}', '{"data":{}}'],
	),
};

const oddBody = fc.oneof(
	...Object.entries(oddBodies).map(([kind, body]) =>
		body.map((signed) => ({ kind, signed: Buffer.from(signed) })),
	),
);

/** Ways to damage a body after it was signed; some leave it as it is. */
const tamperings: Record<string, (body: Buffer, at: number) => Buffer> = {
	'a flipped bit': flipBit,
	'a body that breaks off': (body, where) => body.subarray(0, where % (body.length + 1)),
	'a space before': (body) => Buffer.concat([Buffer.from(' '), body]),
	'a line feed after': (body) => Buffer.concat([body, Buffer.from('\n')]),
	'the body twice': (body) => Buffer.concat([body, body]),
	'the body indented': (body) => {
		return Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, '\t'));
	},
};

/** Ways to write a signature; some leave what it says as it is. */
const writings: Record<string, (signature: Buffer, at: number) => string | undefined> = {
	'no signature': () => undefined,
	'an empty signature': () => '',
	'a flipped bit': (signature, where) => flipBit(signature, where).toString('base64'),
	'bytes that are missing': (signature, where) =>
		signature.subarray(0, where % (signature.length + 1)).toString('base64'),
	'characters that are missing': (signature, where) =>
		signature.toString('base64').slice(0, where % 345),
	'a byte before': (signature) => Buffer.concat([Buffer.alloc(1), signature]).toString('base64'),
	'a byte after': (signature) => Buffer.concat([signature, Buffer.alloc(1)]).toString('base64'),
	'base64 for URLs': (signature) => signature.toString('base64url'),
	'base64 without padding': (signature) => signature.toString('base64').replaceAll('=', ''),
	'base64 of base64': (signature) => Buffer.from(signature.toString('base64')).toString('base64'),
	'hexadecimal digits': (signature) => signature.toString('hex'),
	'a space within': (signature, where) => insert(signature.toString('base64'), ' ', where),
	'a tab within': (signature, where) => insert(signature.toString('base64'), '\t', where),
	'spaces around': (signature) => `  ${signature.toString('base64')}  `,
	'an equals sign within': (signature, where) => insert(signature.toString('base64'), '=', where),
	'a foreign character within': (signature, where) =>
		insert(signature.toString('base64'), '*', where),
	'a letter within': (signature, where) => insert(signature.toString('base64'), 'A', where),
	'quotes around': (signature) => `"${signature.toString('base64')}"`,
	'a scheme before': (signature) => `sha256=${signature.toString('base64')}`,
	'small letters': (signature) => signature.toString('base64').toLowerCase(),
	'the signature twice': (signature) => signature.toString('base64').repeat(2),
	'the signature twice in a list': (signature) =>
		`${signature.toString('base64')}, ${signature.toString('base64')}`,
	'the signature and another': (signature) =>
		`${signature.toString('base64')}, ${flipBit(signature, 0).toString('base64')}`,
};

const signatureOf = ({ privateKey }: Signer, body: Buffer) => sign('RSA-SHA256', body, privateKey);

function caseOf(fields: Partial<Case> & Pick<Case, 'kind' | 'signed'>): Case {
	const { signed, signer = rsa } = fields;
	const header = signatureOf(signer, signed).toString('base64');
	return { body: signed, header, signer, pem: signer.pem, ...fields };
}

const rsaSigner = fc.constantFrom(rsa, rsaLong);

const keysOfTriggers = fc.oneof(
	fc
		.tuple(fc.constantFrom(...spellings), rsaSigner)
		.map(([spell, signer]) => ({ kind: 'a key in another spelling', signer, pem: spell(signer) })),
	fc.constantFrom(...pasted).map((spell) => ({
		kind: 'a key as it was pasted',
		signer: rsa,
		pem: spell(rsa.pem),
		meant: rsa.pem,
	})),
	fc.constantFrom(...brokenKeys).map((pem) => ({ kind: 'a broken key', signer: rsa, pem })),
	fc.constant({ kind: 'the key of another', signer: rsa, pem: rsaOfOther.pem }),
	fc.constant({ kind: 'a key of another length', signer: rsa, pem: rsaLong.pem }),
	fc.constantFrom(ec, rsaPss).map((signer) => ({
		kind: 'a key of another kind',
		signer,
		pem: signer.pem,
	})),
	fc.constantFrom(ec, rsaPss).map(({ pem }) => ({
		kind: 'a key of another kind than that of the signature',
		signer: rsa,
		pem,
	})),
);

const cases: fc.Arbitrary<Case> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc
			.tuple(goodBody, rsaSigner)
			.map(([signed, signer]) => caseOf({ kind: 'an event', signed, signer })),
	},
	{ weight: 8, arbitrary: oddBody.map((odd) => caseOf(odd)) },
	{
		weight: 4,
		arbitrary: fc
			.tuple(goodBody, fc.constantFrom(...Object.entries(tamperings)), at)
			.map(([signed, [kind, tamper], where]) =>
				caseOf({ kind: `body: ${kind}`, signed, body: tamper(signed, where) }),
			),
	},
	{
		weight: 10,
		arbitrary: fc
			.tuple(goodBody, fc.constantFrom(...Object.entries(writings)), at)
			.map(([signed, [kind, write], where]) =>
				caseOf({
					kind: `signature: ${kind}`,
					signed,
					header: write(signatureOf(rsa, signed), where),
				}),
			),
	},
	{
		weight: 1,
		arbitrary: fc
			.tuple(goodBody, fc.stringMatching(/^[ -~]{0,400}$/))
			.map(([signed, header]) => caseOf({ kind: 'signature: a text', signed, header })),
	},
	{
		weight: 2,
		arbitrary: fc.tuple(goodBody, fc.constantFrom(...algorithms)).map(([signed, algorithm]) =>
			caseOf({
				kind: 'signature: another algorithm',
				signed,
				header: algorithm(signed, rsa.privateKey).toString('base64'),
			}),
		),
	},
	{
		weight: 5,
		arbitrary: fc
			.tuple(
				fc.oneof(
					goodBody,
					oddBody.map(({ signed }) => signed),
				),
				keysOfTriggers,
			)
			.map(([signed, key]) => caseOf({ ...key, signed })),
	},
	{
		weight: 2,
		arbitrary: fc
			.tuple(goodBody, rsaSigner, fc.shuffledSubarray([true, false], { minLength: 2 }))
			.map(([signed, signer, order]) => {
				const headers = order.map((isRight) =>
					signatureOf(isRight ? signer : rsaOfOther, signed).toString('base64'),
				);
				const header = headers.join(', ');
				return caseOf({ kind: 'header: twice', signed, signer, header, headers });
			}),
	},
);

/** `refused`: by the signature. `unreadable`: it fits, but the body is no JSON object. */
type Verdict = 'accepted' | 'refused' | 'unreadable';

function verdictOfVendor(
	body: Buffer,
	signature: string | string[] | undefined,
	pem: string,
): Verdict {
	try {
		vendor.verifySync(body, signature, pem);
		return 'accepted';
	} catch (error) {
		// It stumbles over `null`, which is JSON.
		if (!(error instanceof WebhookVerificationError)) return 'unreadable';
		return error.message.includes('not valid JSON') ? 'unreadable' : 'refused';
	}
}

const verdicts: Record<number, Verdict> = { 200: 'accepted', 400: 'unreadable', 401: 'refused' };

/** What the documentation calls an event, and of which the vendor's SDK checks nothing. */
function isEvent(body: Buffer): boolean {
	const { webhookType, data } = JSON.parse(body.toString()) as {
		webhookType?: unknown;
		data?: { sessionId?: unknown };
	};
	if (typeof webhookType !== 'string') return false;
	if (!sessionTypes.includes(webhookType)) return true;
	const sessionId = data?.sessionId;
	return (
		typeof sessionId === 'string' &&
		/^[^\p{Cc}\p{Cs}]{1,512}$/u.test(sessionId) &&
		!['.', '..'].includes(sessionId)
	);
}

const CASES = 600;

/** Where ours is stricter on purpose. */
const STRICTER = {
	noEvent: 'the body is JSON, but no event',
	noRsaKey: 'the key is no RSA key, which the documentation promises',
	twoSignatures: 'the header came twice, and the vendor is given the first',
};

test("the trigger verifies events as VideoSDK's SDK does, with listed exceptions", async () => {
	const trigger = await TriggerUrl.open(engine(), { credential });
	const same: Record<Verdict, number> = { accepted: 0, refused: 0, unreadable: 0 };
	const stricter: Record<string, number> = {};
	const differences: object[] = [];
	const kinds = new Set<string>();

	for (const { kind, body, header, headers, signer, pem, meant } of fc.sample(cases, CASES)) {
		kinds.add(kind);
		trigger.parameters = {
			events: ['starting', 'started', 'stopping', 'stopped', 'failed'],
			triggerOptions: { publicKey: pem, ignoreRepeats: false, fetchSession: false },
		};
		const { status } = await trigger.post(
			body,
			header === undefined ? {} : { 'videosdk-signature': header },
		);
		// As it arrived: HTTP takes spaces from the ends of a header.
		const arrived = trigger.lastRequest?.headers['videosdk-signature'];
		const theirs = verdictOfVendor(body, headers ?? arrived, meant ?? pem);
		const ours = verdicts[status];

		const reason =
			theirs === 'accepted' && ours === 'unreadable' && !isEvent(body)
				? STRICTER.noEvent
				: theirs !== 'refused' && ours === 'refused' && signer.type !== 'rsa'
					? STRICTER.noRsaKey
					: theirs === 'accepted' && ours === 'refused' && headers
						? STRICTER.twoSignatures
						: undefined;
		if (reason) stricter[reason] = (stricter[reason] ?? 0) + 1;
		else if (ours === theirs && !(ours === 'accepted' && !isEvent(body))) same[ours]++;
		else {
			const sent = { signature: String(arrived), body: body.toString('base64'), pem };
			differences.push({ kind, ours, status, theirs, ...sent });
		}
	}
	const { errors } = trigger;
	await trigger.close();

	expect(differences.slice(0, 5)).toEqual([]);
	expect(errors).toEqual([]);
	// Cases of one outcome only would show little.
	expect(Math.min(...Object.values(same))).toBeGreaterThan(30);
	expect(Object.keys(stricter).sort()).toEqual(Object.values(STRICTER).sort());
	expect(kinds.size).toBeGreaterThan(45);
}, 300_000);
