import type { IDataObject } from 'n8n-workflow';
import { answerWithout, findThingIn, idOf } from '../http/answer';
import type { VideoSdkClient } from '../http/client';
import { notDone } from '../http/failure';
import { type List, pagesOf } from '../http/pages';
import { quotable } from '../shared/quotable';
import type { ApiRequest } from '../http/request';

const DEPLOYMENTS = '/ai/v1/ai-deployments';

/** What error messages call a deployment, and the field of its ID. */
export const deployment = { noun: 'deployment', idField: 'id' };

/** @throws VideoSdkFailure, also if the answer has no deployment in it */
async function requestDeployment(
	client: VideoSdkClient,
	request: ApiRequest,
): Promise<IDataObject> {
	const answer = await client.request(request);
	const found = findThingIn(answer, deployment.idField);
	if (!found) throw answerWithout(deployment.noun, answer, request);
	return found;
}

/**
 * Gets one version of a deployment.
 *
 * @returns the deployment, with every field as VideoSDK gave it
 * @throws VideoSdkFailure
 */
export async function getDeployment(
	client: VideoSdkClient,
	deploymentId: string,
	tag: string,
): Promise<IDataObject> {
	return await requestDeployment(client, {
		endpoint: 'Fetch a Deployment',
		method: 'GET',
		path: `${DEPLOYMENTS}/${encodeURIComponent(deploymentId)}/${encodeURIComponent(tag)}`,
		consequence: `Deployment "${quotable(deploymentId)}" with tag "${quotable(tag)}" could not be retrieved`,
		about: { deploymentId, tag },
		subject: 'deployment',
		idempotent: true,
	});
}

/**
 * Creates a deployment. The request is sent again only if it certainly did nothing.
 *
 * @returns the deployment, with every field as VideoSDK gave it
 * @throws VideoSdkFailure
 */
export async function createDeployment(
	client: VideoSdkClient,
	given: { name: string; description?: string },
): Promise<IDataObject> {
	return await requestDeployment(client, {
		endpoint: 'Create Deployment',
		method: 'POST',
		path: DEPLOYMENTS,
		body: { ...given },
		...notDone(`Deployment "${quotable(given.name)}"`, 'created'),
		about: { name: given.name },
		ifItWorked: 'created',
		idempotent: false,
	});
}

/**
 * Gives the names of deployments by their IDs, as far as one request gives them. It is not retried: who wants
 * the names can do without them.
 *
 * @returns no names if the request fails
 */
export async function deploymentNames(client: VideoSdkClient): Promise<Map<string, string>> {
	try {
		const { rows } = await pagesOf(client, listOfDeployments, { maxRetries: 0 })(1);
		return new Map(rows.map(({ id, name }) => [String(id), String(name ?? '')]));
	} catch {
		return new Map();
	}
}

/** A deployment, or one version of it. */
export interface DeploymentVersion {
	deploymentId: string;
	/** Undefined for any version. */
	tag?: string;
}

/**
 * Writes a version of a deployment as one text, as it is picked and stored: `ID` or `ID?tag=TAG`. An ID is
 * a segment of a path in VideoSDK's API, so none has `?tag=` in it.
 *
 * @param tag that can be sent
 */
export function writeVersion({ deploymentId, tag }: DeploymentVersion): string {
	return tag === undefined ? deploymentId : `${deploymentId}?tag=${encodeURIComponent(tag)}`;
}

/** Reads what `writeVersion` wrote. Any other text is the ID of a deployment. */
export function parseVersion(text: string): DeploymentVersion {
	const [, deploymentId = '', tag = ''] = /^(.*)\?tag=(.+)$/s.exec(text) ?? [];
	try {
		const version = { deploymentId, tag: decodeURIComponent(tag) };
		return writeVersion(version) === text ? version : { deploymentId: text };
	} catch {
		return { deploymentId: text };
	}
}

/** The list of all deployments. One that has several tags has a row for each. */
export const listOfDeployments: List = {
	endpoint: 'Fetch Deployments',
	path: DEPLOYMENTS,
	keyOf: ({ id, tag }) => {
		const key = idOf(id);
		return key && `${key} ${String(tag)}`;
	},
	consequence: 'Deployments could not be listed',
};
