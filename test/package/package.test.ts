/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { VideoSDK, verifyToken } from '@videosdk.live/server-sdk';
import { verify } from 'jsonwebtoken';
import { Engine } from '../support/engine';
import { checkout, pack, type PackedPackage } from '../support/pack';

interface Manifest {
	files: string[];
	scripts: Record<string, string>;
	dependencies?: Record<string, string>;
	peerDependencies: Record<string, string>;
	n8n: { n8nNodesApiVersion: number; strict: boolean; credentials: string[]; nodes: string[] };
}

let packed: PackedPackage;
let manifest: Manifest;

async function readManifest(folder: string): Promise<Manifest> {
	return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

beforeAll(async () => {
	packed = await pack();
	manifest = await readManifest(packed.folder);
	// n8n gives a package this module; here the checkout does.
	await symlink(join(checkout, 'node_modules'), join(packed.folder, 'node_modules'));
}, 60_000);

afterAll(async () => await packed.remove());

const classOf = (file: string) => basename(file).split('.')[0];

describe('the tarball', () => {
	test('holds what n8n loads and what people read, and nothing else', () => {
		const code = [...manifest.n8n.credentials, ...manifest.n8n.nodes];
		const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.js', 'package.json'];
		const besideCode = packed.files.filter((file) => ![...code, ...papers].includes(file));
		expect(packed.files).toEqual(expect.arrayContaining([...code, ...papers]));
		for (const file of besideCode) {
			expect(file).toMatch(
				/^dist\/(icons\/[\w.]+\.svg|nodes\/VideoSdk\/(\w+\.node|__schema__\/[\w./]+)\.json)$/,
			);
		}
		expect(besideCode).toEqual(
			expect.arrayContaining([
				'dist/icons/videosdk.svg',
				'dist/icons/videosdk.dark.svg',
				'dist/nodes/VideoSdk/VideoSdk.node.json',
				'dist/nodes/VideoSdk/__schema__/v1.0.0/agentSession/end.json',
			]),
		);
	});

	test('names the whole of it in "files"', () => {
		expect(manifest.files).toEqual(['dist', 'index.js', 'CHANGELOG.md']);
	});

	test('depends on nothing but n8n itself, and runs nothing when it is installed', () => {
		expect(manifest.dependencies ?? {}).toEqual({});
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) {
			expect(manifest.scripts).not.toHaveProperty(hook);
		}
	});

	test('declares itself to n8n in strict mode', () => {
		expect(manifest.n8n).toMatchObject({ n8nNodesApiVersion: 1, strict: true });
	});

	test('exports the class of each node and credential', async () => {
		const exported = (await import(join(packed.folder, 'index.js'))) as Record<string, unknown>;
		const classes = [...manifest.n8n.credentials, ...manifest.n8n.nodes].map(classOf);
		expect(
			Object.keys(exported)
				.filter((name) => name !== 'default')
				.sort(),
		).toEqual([...classes].sort());
		for (const name of classes) expect(typeof exported[name ?? '']).toBe('function');
	});

	test('has an icon of each node and credential where it says', async () => {
		const engine = await Engine.load(packed.folder);
		for (const { icon } of [
			engine.nodeType('videoSdk').description,
			engine.nodeType('videoSdkTrigger').description,
			engine.credentialType('videoSdkApi'),
		]) {
			for (const file of typeof icon === 'object' ? [icon.light, icon.dark] : []) {
				expect(packed.files).toContain(`dist/icons/${basename(file)}`);
			}
			expect(icon).toEqual({ light: expect.any(String), dark: expect.any(String) });
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

	test('is accepted by jsonwebtoken as it is published', async () => {
		const options = { algorithms: ['HS256' as const], maxAge: '10m' };
		expect(verify(await makeToken(), credential.secretKey, options)).toMatchObject(claims);
	});

	test('is accepted by VideoSDK’s own package', async () => {
		const token = await makeToken();
		expect(verifyToken(token, credential.secretKey)).toMatchObject(claims);
		const { apiKey, secretKey: secret } = credential;
		expect(new VideoSDK({ apiKey, secret }).verifyToken(token)).toMatchObject(claims);
	});

	test('is accepted by neither with another secret', async () => {
		const token = await makeToken();
		expect(() => verify(token, 'another')).toThrow('invalid signature');
		expect(() => verifyToken(token, 'another')).toThrow('Invalid token signature');
	});
});

describe('n8n’s scanner', () => {
	async function scan(folder: string, leg: 'source' | 'shipped'): Promise<string[]> {
		const script = join(__dirname, 'scanFolder.ts');
		const { stdout } = await promisify(execFile)(
			process.execPath,
			['--import', 'tsx', script, folder, leg],
			{ cwd: checkout },
		);
		return JSON.parse(stdout) as string[];
	}

	/** A copy of the unpacked tarball that was tampered with. */
	async function scanDoctored(doctor: (folder: string) => Promise<void>): Promise<string[]> {
		const temporary = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-doctored-'));
		const folder = join(temporary, 'package');
		try {
			const filter = (file: string) => basename(file) !== 'node_modules';
			await cp(packed.folder, folder, { recursive: true, filter });
			await doctor(folder);
			return await scan(folder, 'shipped');
		} finally {
			await rm(temporary, { recursive: true, force: true });
		}
	}

	test('finds nothing in the source', async () => {
		expect(await scan(checkout, 'source')).toEqual([]);
	}, 60_000);

	test('finds nothing in the tarball', async () => {
		expect(await scan(packed.folder, 'shipped')).toEqual([]);
	}, 60_000);

	test('finds what must not be in it', async () => {
		const findings = await scanDoctored(async (folder) => {
			const node = join(folder, 'dist/nodes/VideoSdk/VideoSdk.node.js');
			await appendFile(node, '\nrequire("fs").readFileSync(process.env.HOME);\n');
			const file = join(folder, 'package.json');
			const changed = { ...(await readManifest(folder)), dependencies: { axios: '1.0.0' } };
			await writeFile(file, JSON.stringify(changed, null, '\t'));
		});
		expect(findings.join('\n')).toMatch(/VideoSdk\.node\.js.*'fs'/i);
		expect(findings.join('\n')).toMatch(/process/);
		expect(findings.join('\n')).toMatch(/package\.json.*dependenc/i);
	}, 60_000);
});
