/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error, @n8n/community-nodes/no-hardcoded-secrets -- runs in Node on a developer's machine, never inside n8n; the password is of an n8n that lives as long as the script */
import { parse } from 'flatted';
import type { IConnections, IDataObject, INode, IRunExecutionData } from 'n8n-workflow';
import pWaitFor from 'p-wait-for';
import type { PackageVersion } from './packed';

/** Who may sign in to an n8n started here. Local, and gone with its home. */
export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Local',
	lastName: 'Owner',
	password: 'Videosdk-local-1',
};

/** A workflow as n8n's editor saves it; also what `examples/*.json` hold. */
export interface WorkflowFile {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IDataObject;
	[key: string]: unknown;
}

/** A saved workflow. `versionId` is what gets published. */
export interface Workflow extends WorkflowFile {
	id: string;
	versionId: string;
	active: boolean;
}

/** A credential; n8n gives its data back only encrypted. */
export interface SavedCredential {
	id: string;
	name: string;
	type: string;
}

/** One line of the list of executions. */
export interface ExecutionSummary {
	id: string;
	workflowId: string;
	status: 'new' | 'running' | 'waiting' | 'success' | 'error' | 'canceled' | 'crashed';
	mode: string;
	startedAt: string;
	stoppedAt: string | null;
}

/** An execution with the data of every node. */
export interface Execution extends ExecutionSummary {
	data: IRunExecutionData;
}

/** An answer of n8n other than 2xx. */
export class N8nRestError extends Error {
	constructor(
		readonly status: number,
		call: string,
		body: string,
	) {
		super(`n8n answered ${call} with ${status}: ${body.slice(0, 500)}`);
		this.name = 'N8nRestError';
	}
}

/**
 * The API behind n8n's editor, as far as tests and the demo need it. It sends no `browser-id`, so
 * its cookie belongs to no browser and can also be put into one.
 */
export class N8nRest {
	/** `n8n-auth=…`, once signed in. */
	cookie = '';

	/** @param url of the n8n, without a slash at the end */
	constructor(readonly url: string) {}

	/** Makes the owner of a new n8n, and signs in as them. */
	async setUpOwner(owner = OWNER): Promise<void> {
		await this.signIn('/rest/owner/setup', owner);
	}

	/** Signs in as the owner of an n8n whose home was used before. */
	async login({ email, password } = OWNER): Promise<void> {
		await this.signIn('/rest/login', { emailOrLdapLoginId: email, password });
	}

	/**
	 * Lets n8n's own installer install a community package, so that it is listed in Settings →
	 * Community nodes, with a second copy of the files in place of the first.
	 */
	async installCommunityPackage({ name, version }: PackageVersion): Promise<void> {
		await this.call('POST', '/rest/community-packages', { name, version });
	}

	/** Saves a credential. */
	async createCredential(name: string, type: string, data: object): Promise<SavedCredential> {
		return await this.call('POST', '/rest/credentials', { name, type, data });
	}

	/**
	 * Does what the editor's "Test" of a credential does.
	 *
	 * @param data the credential's fields in clear: n8n tests what it is sent, not what it saved
	 */
	async testCredential(
		credential: SavedCredential,
		data: IDataObject,
	): Promise<{ status: 'OK' | 'Error'; message: string }> {
		return await this.call('POST', '/rest/credentials/test', {
			credentials: { ...credential, data },
		});
	}

	/** Deletes a credential. */
	async deleteCredential(id: string): Promise<void> {
		await this.call('DELETE', `/rest/credentials/${id}`);
	}

	/** Saves a new workflow; it is not active. */
	async createWorkflow(workflow: WorkflowFile): Promise<Workflow> {
		const { name, nodes, connections, settings = {}, pinData } = workflow;
		return await this.call('POST', '/rest/workflows', {
			name,
			nodes,
			connections,
			settings,
			pinData,
			active: false,
		});
	}

	/**
	 * Publishes a workflow and waits, at most 15 s, until its triggers are registered: n8n answers
	 * before they are, and a webhook that is called in between gets a 404.
	 */
	async activate({ id, versionId, name }: Workflow): Promise<void> {
		await this.call('POST', `/rest/workflows/${id}/activate`, { versionId });
		const { status, triggers } = await pWaitFor(
			async () => {
				const publication = await this.publication(id);
				return publication.status !== 'in_progress' && pWaitFor.resolveWith(publication);
			},
			waiting(15_000, `"${name}" to be published`),
		);
		if (status !== 'published') {
			throw new Error(`n8n could not publish "${name}": ${status}, ${JSON.stringify(triggers)}`);
		}
	}

	/** Unpublishes a workflow. */
	async deactivate(id: string): Promise<void> {
		await this.call('POST', `/rest/workflows/${id}/deactivate`, {});
	}

	/**
	 * Starts a workflow as its "Execute workflow" button does.
	 *
	 * @param trigger the name of the node to start from, one that does not wait for an event
	 * @returns the id of the execution, which is not over yet
	 */
	async runManually(workflowId: string, trigger: string): Promise<string> {
		// n8n 1 takes the workflow that it is sent, later ones the one that is saved.
		const workflowData = await this.call<Workflow>('GET', `/rest/workflows/${workflowId}`);
		const { executionId } = await this.call<{ executionId?: string }>(
			'POST',
			`/rest/workflows/${workflowId}/run`,
			{ workflowData, triggerToStartFrom: { name: trigger } },
		);
		if (!executionId) throw new Error(`"${trigger}" waits for an event instead of running.`);
		return executionId;
	}

	/** Lists a workflow's executions, the newest first. */
	async executions(workflowId: string): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.call<{ results: ExecutionSummary[] }>(
			'GET',
			`/rest/executions?filter=${filter}&limit=100`,
		);
		return results;
	}

	/** Gets an execution with its data. */
	async execution(id: string): Promise<Execution> {
		const execution = await this.call<Omit<Execution, 'data'> & { data: string }>(
			'GET',
			`/rest/executions/${id}`,
		);
		return { ...execution, data: parse(execution.data) as IRunExecutionData };
	}

	/**
	 * Waits until an execution is over, however it ended, and gets it.
	 *
	 * @param timeout in milliseconds
	 */
	async finished(executionId: string, timeout = 60_000): Promise<Execution> {
		return await pWaitFor(
			async () => {
				const execution = await this.execution(executionId);
				const { status, data } = execution as { status: string; data?: unknown };
				// n8n 1 can say that it is over a moment before its data can be read.
				const isOver = !['new', 'running', 'waiting'].includes(status) && data !== undefined;
				return isOver && pWaitFor.resolveWith(execution);
			},
			waiting(timeout, `execution ${executionId} to end`),
		);
	}

	/** Deletes a workflow and its executions. */
	async deleteWorkflow(id: string): Promise<void> {
		// n8n deletes only what is archived.
		await this.call('POST', `/rest/workflows/${id}/archive`, {});
		await this.call('DELETE', `/rest/workflows/${id}`);
	}

	/**
	 * One call to n8n: what it answers is unwrapped from `{ data }`.
	 *
	 * @throws N8nRestError for any answer other than 2xx
	 */
	async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await this.send(method, path, body);
		const { data } = (await response.json()) as { data: T };
		return data;
	}

	private async publication(id: string): Promise<Publication> {
		try {
			return await this.call('GET', `/rest/workflows/${id}/publication-status`);
		} catch (error) {
			// Older versions register the triggers before they answer, and have nothing to ask.
			if (error instanceof N8nRestError && error.status === 404) {
				return { status: 'published', triggers: [] };
			}
			throw error;
		}
	}

	private async signIn(path: string, body: unknown) {
		const response = await this.send('POST', path, body);
		this.cookie = response.headers
			.getSetCookie()
			.map((cookie) => cookie.split(';')[0])
			.join('; ');
		await response.body?.cancel();
	}

	private async send(method: string, path: string, body?: unknown): Promise<Response> {
		const attempt = async () =>
			await fetch(this.url + path, {
				method,
				headers: { 'content-type': 'application/json', cookie: this.cookie },
				body: body === undefined ? undefined : JSON.stringify(body),
			});
		// n8n closes idle connections, at times just when a request is sent on one.
		const response = await attempt().catch(attempt);
		if (!response.ok) {
			throw new N8nRestError(response.status, `${method} ${path}`, await response.text());
		}
		return response;
	}
}

interface Publication {
	status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
	triggers: unknown[];
}

/** How often to ask, and for how long, in milliseconds. */
const waiting = (timeout: number, what: string) => ({
	interval: 100,
	timeout: {
		milliseconds: timeout,
		message: `Waited ${Math.round(timeout / 1000)} s for ${what}.`,
	},
});
