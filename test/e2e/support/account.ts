import { withCredentials } from '../../../dev/n8n/flow';
import type { SavedCredential, Workflow, WorkflowFile } from '../../../dev/n8n/rest';
import { startVideoSdkApi, type VideoSdkApi, credentialOf } from '../../../dev/videosdk-api';
import { test as base } from './fixtures';
import { startRecorder, type Recorder } from './outside';

/** A VideoSDK account that no other test sees, and the workflows of one test that work with it. */
export interface Account {
	api: VideoSdkApi;
	credential: SavedCredential;
	/** Saves a workflow with the credential wherever it fits, and others where they do. */
	save(workflow: WorkflowFile, ...others: SavedCredential[]): Promise<Workflow>;
	/** Saves and activates a workflow; it is active until the test is over. */
	activate(workflow: WorkflowFile, ...others: SavedCredential[]): Promise<Workflow>;
}

/** The tests' `test`, with an account and a stranger's server for each test. */
export const test = base.extend<{ account: Account; stranger: Recorder }>({
	account: async ({ world: { rest } }, use) => {
		const api = await startVideoSdkApi();
		const credential = await rest.createCredential(
			'VideoSDK of a test',
			'videoSdkApi',
			credentialOf(api),
		);
		const active: Workflow[] = [];
		const save: Account['save'] = async (workflow, ...others) =>
			await rest.createWorkflow(withCredentials(workflow, credential, ...others));
		const activate: Account['activate'] = async (workflow, ...others) => {
			const saved = await save(workflow, ...others);
			active.push(saved);
			await rest.activate(saved);
			return saved;
		};
		try {
			await use({ api, credential, save, activate });
		} finally {
			// Not deleted: what n8n keeps of them is searched for secrets at the end.
			for (const { id } of active) await rest.deactivate(id);
			await api.close();
		}
	},
	// Playwright reads the names of the fixtures that one needs from its first parameter.
	// eslint-disable-next-line no-empty-pattern
	stranger: async ({}, use) => {
		const recorder = await startRecorder();
		try {
			await use(recorder);
		} finally {
			await recorder.close();
		}
	},
});

export { expect } from './fixtures';
