import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import {
	type CredentialFields,
	credentialOf,
	type Options,
	startVideoSdkApi,
	type VideoSdkApi,
} from '../../dev/videosdk-api';
import { Engine } from '../support/engine';
import { leaksIn, type NodeRun, runNode, type RunSettings } from '../support/nodeRun';

/**
 * Gives the tests of a file n8n's engine, and fake APIs that are closed after the test.
 *
 * Each run is searched for the token and the secret: no test may leave one of them behind.
 */
export function useEngine() {
	let loaded: Engine | undefined;
	const open: VideoSdkApi[] = [];

	beforeAll(async () => {
		loaded = await Engine.load();
	});
	afterEach(async () => {
		await Promise.all(open.splice(0).map(async (api) => await api.close()));
	});

	const engine = () => {
		if (!loaded) throw new Error('The engine is loaded before the first test.');
		return loaded;
	};

	async function startApi(options?: Options): Promise<VideoSdkApi> {
		const api = await startVideoSdkApi(options);
		open.push(api);
		return api;
	}

	/** @param to the fake API, or the credential of another server */
	async function run(
		to: VideoSdkApi | CredentialFields,
		parameters: IDataObject,
		items?: INodeExecutionData[],
		settings?: RunSettings,
	): Promise<NodeRun> {
		const credential = 'url' in to ? credentialOf(to) : to;
		const result = await runNode(engine(), credential, parameters, items, settings);
		expect(leaksIn(result.run, credential)).toEqual([]);
		return result;
	}

	/**
	 * Runs the node in a project with a live session, and expects that nothing is sent.
	 *
	 * @returns the error that stopped the workflow
	 */
	async function refused(
		parameters: IDataObject,
		items?: INodeExecutionData[],
		settings?: RunSettings,
	): Promise<NodeRun['error']> {
		const api = await startApi();
		api.sessions.add();
		const { error } = await run(api, parameters, items, settings);
		expect([...api.stats.requests.keys()]).toEqual([]);
		return error;
	}

	return { engine, startApi, run, refused };
}
