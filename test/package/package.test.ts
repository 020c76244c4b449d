/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { execFile } from 'node:child_process';
import { appendFile, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { VideoSDK, verifyToken } from '@videosdk.live/server-sdk';
import { verify } from 'jsonwebtoken';
import { checkout } from '../../dev/n8n/packed';
import { Engine } from '../support/engine';
import { pack, type PackedPackage } from '../support/pack';

interface Manifest {
	scripts: Record<string, string>;
	dependencies?: Record<string, string>;
	peerDependencies: Record<string, string>;
	n8n: { n8nNodesApiVersion: number; strict: boolean; credentials: string[]; nodes: string[] };
}

let packed: PackedPackage;
let manifest: Manifest;

beforeAll(async () => {
	packed = await pack();
	const text = await readFile(join(packed.folder, 'package.json'), 'utf8');
	manifest = JSON.parse(text) as Manifest;
	// n8n gives a package this module; here the checkout does.
	await symlink(join(checkout, 'node_modules'), join(packed.folder, 'node_modules'));
});

afterAll(async () => await packed.remove());

const classOf = (file: string) => basename(file).split('.')[0];

describe('the tarball', () => {
	test('the tarball contains only what n8n loads and what people read', () => {
		const shared = 'dist/nodes/VideoSdk/http/requestQueue.js';
		const code = [...manifest.n8n.credentials, ...manifest.n8n.nodes, shared];
		const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.js', 'package.json'];
		const besideCode = packed.files.filter((file) => ![...code, ...papers].includes(file));
		expect(packed.files).toEqual(expect.arrayContaining([...code, ...papers]));
		for (const file of besideCode) {
			expect(file).toMatch(
				/^dist\/(THIRD-PARTY-LICENSES\.txt|icons\/[\w.]+\.svg|nodes\/VideoSdk\/(\w+\.node|__schema__\/[\w./]+)\.json)$/,
			);
		}
		expect(besideCode).toEqual(
			expect.arrayContaining([
				'dist/THIRD-PARTY-LICENSES.txt',
				'dist/icons/videosdk.svg',
				'dist/icons/videosdk.dark.svg',
				'dist/nodes/VideoSdk/VideoSdk.node.json',
				'dist/nodes/VideoSdk/__schema__/v1.0.0/agentSession/end.json',
			]),
		);
	});

	test('the package depends only on n8n-workflow, and has no install scripts', () => {
		expect(manifest.dependencies ?? {}).toEqual({});
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) {
			expect(manifest.scripts).not.toHaveProperty(hook);
		}
	});

	test('the package declares strict mode to n8n', () => {
		expect(manifest.n8n).toMatchObject({ n8nNodesApiVersion: 1, strict: true });
	});

	test('the package exports the class of each node and credential', async () => {
		const exported = (await import(join(packed.folder, 'index.js'))) as Record<string, unknown>;
		const classes = [...manifest.n8n.credentials, ...manifest.n8n.nodes].map(classOf);
		expect(
			Object.keys(exported)
				.filter((name) => name !== 'default')
				.sort(),
		).toEqual([...classes].sort());
		for (const name of classes) expect(typeof exported[name ?? '']).toBe('function');
	});

	test('the tarball contains the icons of each node and credential', async () => {
		const engine = await Engine.load(packed.folder);
		const withIcons = [
			engine.nodeType('videoSdk').description,
			engine.nodeType('videoSdkTrigger').description,
			engine.credentialType('videoSdkApi'),
		];
		for (const { iconUrl } of withIcons) {
			const { light = '', dark = '' } = typeof iconUrl === 'object' ? iconUrl : {};
			expect(packed.files).toContain(light.replace('icons/n8n-nodes-videosdk/', ''));
			expect(packed.files).toContain(dark.replace('icons/n8n-nodes-videosdk/', ''));
			expect(light).not.toBe(dark);
		}
	});
});

describe('the token that the bundled credential makes', () => {
	const credential = {
		apiKey: 'key-of-the-project',
		secretKey: 'secret-of-the-project',
		baseUrl: 'https://api.videosdk.live',
	};
	const claims = {
		apikey: credential.apiKey,
		permissions: ['allow_join'],
		roles: ['crawler'],
		version: 2,
	};

	async function makeToken(): Promise<string> {
		const engine = await Engine.load(packed.folder);
		const { authenticate } = engine.credentialType('videoSdkApi');
		if (typeof authenticate !== 'function') throw new Error('It makes no token.');
		const { headers } = await authenticate(credential, { url: '/ai/v1/ai-deployment-sessions' });
		return String(headers?.Authorization);
	}

	test('jsonwebtoken accepts the token of the bundled credential', async () => {
		const options = { algorithms: ['HS256' as const], maxAge: '10m' };
		expect(verify(await makeToken(), credential.secretKey, options)).toMatchObject(claims);
	});

	test("VideoSDK's server SDK accepts the token of the bundled credential", async () => {
		const token = await makeToken();
		expect(verifyToken(token, credential.secretKey)).toMatchObject(claims);
		const { apiKey, secretKey: secret } = credential;
		expect(new VideoSDK({ apiKey, secret }).verifyToken(token)).toMatchObject(claims);
	});
});

describe("n8n's scanner, which `npm run verify` runs on the source and the tarball", () => {
	let findings: string;

	beforeAll(async () => {
		// What n8n does not allow.
		const node = join(packed.folder, 'dist/nodes/VideoSdk/VideoSdk.node.js');
		await appendFile(node, '\nrequire("fs").readFileSync(process.env.HOME);\n');
		const changed = { ...manifest, dependencies: { axios: '1.0.0' } };
		await writeFile(join(packed.folder, 'package.json'), JSON.stringify(changed, null, '\t'));
		const env = { ...process.env, NODE_ENV: 'production' };
		const { stdout } = await promisify(execFile)(
			process.execPath,
			['--import', 'tsx', join(__dirname, 'scanFolder.ts'), packed.folder],
			{ cwd: checkout, env },
		);
		findings = stdout;
	}, 120_000);

	test.each([
		['an import', /VideoSdk\.node\.js.*'fs'/i],
		['a global', /VideoSdk\.node\.js.*process/],
		['a dependency', /package\.json.*dependenc/i],
	])("n8n's scanner finds %s that is not allowed", (_name, finding) => {
		expect(findings).toMatch(finding);
	});
});
