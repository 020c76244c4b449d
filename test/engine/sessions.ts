import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import type { Fault, Options, VideoSdkApi } from '../../dev/videosdk-api';

/** The path of sessions. */
export const SESSIONS = '/ai/v1/ai-deployment-sessions';

/** The request that lists sessions. */
export const LIST = `GET ${SESSIONS}`;

/** The request that starts one. */
export const START = `POST ${SESSIONS}/start`;

const parametersOf =
	(resource: string) =>
	(operation: string, parameters: IDataObject = {}): IDataObject => ({
		resource,
		operation,
		...parameters,
	});

/** Parameters of an operation on sessions, and so on. */
export const session = parametersOf('agentSession');
export const deployment = parametersOf('agentDeployment');
export const call = parametersOf('call');
export const room = parametersOf('room');
export const batchCall = parametersOf('batchCall');

/** The operations among the fields of the node, each with its resource. */
export const operationsOf = (properties: INodeProperties[]) =>
	properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options = [], displayOptions }) =>
			(options as INodePropertyOptions[]).map(({ value }) => ({
				resource: String(displayOptions?.show?.resource?.[0]),
				operation: String(value),
			})),
		);

/** A VideoSDK that answers every request with an error. */
export const failing = (status: number, body?: IDataObject): Options => ({
	faults: () => ({ kind: 'status', status, ...(body && { body }) }),
});

/** The answer of a list with these rows. */
export const pageOf = (data: IDataObject[]): Fault => ({
	kind: 'wrongJson',
	text: JSON.stringify({ data }),
});

/** A time, as VideoSDK writes it. */
export const minutesAgo = (minutes: number) =>
	new Date(Date.now() - minutes * 60_000).toISOString();

/** The sessions that items are about. */
export const idsIn = (items: Array<{ json: IDataObject }>) =>
	items.map(({ json }) => json.sessionId);

/** How often the fake API got a request, such as `GET /path`. */
export const countOf = (api: VideoSdkApi, request: string) =>
	api.stats.requests.get(request)?.count ?? 0;

/** How often each session was asked to end. */
export const askedToEnd = (api: VideoSdkApi) => Object.fromEntries(api.stats.endRequests);

/** What `askedToEnd` gives if each of these was asked once. */
export const onceEach = (sessionIds: string[]) =>
	Object.fromEntries(sessionIds.map((sessionId) => [sessionId, 1]));

/** Adds so many sessions and gives their IDs, newest first, as the list has them. */
export function addSessions(api: VideoSdkApi, count: number, fields: IDataObject = {}): string[] {
	return Array.from({ length: count }, () => api.sessions.add(fields).sessionId).reverse();
}
