import { ApiError, type JsonObject } from './answer';
import { allowOnly, callee, object, phoneNumber, plain, requiredText, strings, text } from './body';
import type { BatchCalls } from './batchCalls';
import type { Calls } from './calls';
import type { Deployments } from './deployments';
import type { Rooms } from './rooms';
import type { ListedOnly, Sessions } from './sessions';
import type { SipWebhooks } from './sipWebhooks';
import type { Stats } from './stats';
import { webhookTypes, type Webhooks } from './webhooks';

/** A request as a route gets it: its token, limits and faults are dealt with. */
export interface RouteRequest {
	/** The decoded parts of the path that the template leaves open, in their order. */
	params: string[];
	query: URLSearchParams;
	body: JsonObject;
}

/** One endpoint of the API. */
export interface Route {
	method: 'GET' | 'POST' | 'DELETE';
	path: string;
	/** Needs no token, and counts for no limit. */
	isPublic?: true;
	/**
	 * Does what is asked and gives the body of the answer.
	 * Assumed: the status is 200, for what is made anew too.
	 */
	run(request: RouteRequest): unknown;
}

const endPath = '/ai/v1/ai-deployment-sessions/end';

/** The paths that end things, and the field of the body that says which. */
export const endPaths = new Map([
	[endPath, 'sessionId'],
	['/v2/sip/call/end', 'callId'],
	['/v2/sessions/end', 'roomId'],
]);

function readWebhook(body: JsonObject): ListedOnly['webhook'] {
	const webhook = object(body, 'webhook');
	if (!webhook) return undefined;
	allowOnly(webhook, ['endPoint', 'events']);
	const endpoint = requiredText(webhook, 'endPoint');
	if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
		throw new ApiError(400, 'webhook.endPoint must be a URL');
	}
	const { events } = webhook;
	// Assumed: an unknown type is refused.
	if (!Array.isArray(events) || !events.every((type) => webhookTypes.includes(type))) {
		throw new ApiError(400, 'webhook.events must be a list of webhook types');
	}
	return { endpoint, events };
}

/** What the routes work on. */
interface Parts {
	sessions: Sessions;
	deployments: Deployments;
	calls: Calls;
	batchCalls: BatchCalls;
	rooms: Rooms;
	webhooks: Webhooks;
	sipWebhooks: SipWebhooks;
	stats: Stats;
}

/** The calls of the API. A literal path stands before one that is open at the same place. */
export function makeRoutes({
	sessions,
	deployments,
	calls,
	batchCalls,
	rooms,
	webhooks,
	sipWebhooks,
	stats,
}: Parts): Route[] {
	return [
		{
			method: 'POST',
			path: endPath,
			run: ({ body }) => {
				allowOnly(body, ['sessionId']);
				const data = sessions.end(requiredText(body, 'sessionId'));
				return { message: 'Session stopped successfully', data };
			},
		},
		{
			method: 'POST',
			path: '/ai/v1/ai-deployment-sessions/start',
			run: ({ body }) => {
				allowOnly(body, ['deploymentId', 'tag', 'env', 'metaData', 'webhook']);
				const deploymentId = text(body, 'deploymentId');
				const tag = text(body, 'tag');
				strings(body, 'env');
				const given = { webhook: readWebhook(body), metadata: object(body, 'metaData') };
				// Assumed: an unknown deployment is a 404, as is a tag that it does not have.
				const deployment =
					deploymentId === undefined ? undefined : deployments.get(deploymentId, tag);
				const chosen = {
					...(tag !== undefined && { tag }),
					...(deployment && { deploymentId: deployment.id, tag: deployment.tag }),
				};
				const data = sessions.start({ ...chosen, ...given });
				return { message: 'Session started successfully', data };
			},
		},
		{
			method: 'GET',
			path: '/ai/v1/ai-deployment-sessions/{sessionId}',
			run: ({ params: [sessionId = ''] }) => sessions.get(sessionId),
		},
		{
			method: 'GET',
			path: '/ai/v1/ai-deployment-sessions',
			run: ({ query }) => sessions.list(query),
		},
		{
			method: 'GET',
			path: '/ai/v1/ai-deployments/{deploymentId}/{tag}',
			run: ({ params: [deploymentId = '', tag = ''] }) => {
				const { id, name, description, status, createdAt } = deployments.get(deploymentId, tag);
				return { id, name, tag, description, status, createdAt };
			},
		},
		{
			method: 'GET',
			path: '/ai/v1/ai-deployments',
			run: ({ query }) => deployments.list(query),
		},
		{
			method: 'POST',
			path: '/ai/v1/ai-deployments',
			run: ({ body }) => {
				allowOnly(body, ['name', 'description']);
				// Assumed: the name is required, the description is not.
				return deployments.add({
					name: requiredText(body, 'name'),
					description: text(body, 'description') ?? '',
				});
			},
		},
		{
			method: 'POST',
			path: '/v2/sip/call/end',
			run: ({ body }) => {
				allowOnly(body, ['callId']);
				const data = calls.end(requiredText(body, 'callId'));
				// The message of the documented sample, which is that of Make.
				return { message: 'Call initiated successfully', data };
			},
		},
		{
			method: 'GET',
			path: '/v2/sip/call/{callId}',
			run: ({ params: [callId = ''] }) => ({ data: calls.get(callId) }),
		},
		{
			method: 'GET',
			path: '/v2/sip/call',
			run: ({ query }) => calls.list(query),
		},
		{
			method: 'POST',
			path: '/v2/sip/call',
			run: ({ body }) => {
				const known = ['sipCallFrom', 'sipCallTo', 'routingRuleId', 'gatewayId', 'participant'];
				const settings = ['metadata', 'recordAudio', 'waitUntilAnswered', 'ringingTimeout', 'dtmf'];
				const others = ['destinationRoomId', 'maxCallDuration', 'hidePhoneNumber', 'headers'];
				allowOnly(body, [...known, ...settings, ...others]);
				const to = callee(body, 'sipCallTo');
				const from = phoneNumber(body, 'sipCallFrom');
				if (to === undefined) throw new ApiError(400, 'sipCallTo is required');
				// The older page wants a gateway, the newer one a rule and a number to call from.
				const gatewayId = text(body, 'gatewayId');
				const ruleId = text(body, 'routingRuleId');
				if (gatewayId === undefined && (ruleId === undefined || from === undefined)) {
					throw new ApiError(400, 'routingRuleId and sipCallFrom are required');
				}
				for (const name of ['recordAudio', 'hidePhoneNumber']) plain(body, name, 'boolean');
				for (const name of ['ringingTimeout', 'maxCallDuration']) plain(body, name, 'number');
				text(body, 'dtmf');
				object(body, 'participant');
				strings(body, 'headers');
				const roomId = text(body, 'destinationRoomId');
				const metadata = object(body, 'metadata');
				const data = calls.make(
					{
						to,
						...(from !== undefined && { from }),
						...(roomId !== undefined && { roomId }),
						...(gatewayId !== undefined && { gatewayId }),
						...(ruleId !== undefined && { ruleId }),
						...(metadata && { metadata }),
					},
					plain(body, 'waitUntilAnswered', 'boolean') === true,
				);
				return { message: 'Call initiated successfully', data };
			},
		},
		{
			method: 'POST',
			path: '/v2/batch-calls/{batchId}/cancel',
			run: ({ params: [batchId = ''], body }) => {
				allowOnly(body, ['mode']);
				return batchCalls.cancel(batchId, body.mode);
			},
		},
		{
			method: 'GET',
			path: '/v2/batch-calls/{batchId}',
			run: ({ params: [batchId = ''] }) => batchCalls.get(batchId),
		},
		{
			method: 'GET',
			path: '/v2/batch-calls',
			run: ({ query }) => batchCalls.list(query),
		},
		{
			method: 'DELETE',
			path: '/v2/sip/webhooks/{webhookId}',
			run: ({ params: [webhookId = ''] }) => {
				sipWebhooks.delete(webhookId);
				return { message: 'Webhook deleted successfully' };
			},
		},
		{
			method: 'GET',
			path: '/v2/sip/webhooks',
			run: ({ query }) => sipWebhooks.list(query),
		},
		{
			method: 'POST',
			path: '/v2/sip/webhooks',
			run: ({ body }) => {
				allowOnly(body, ['url', 'events']);
				return sipWebhooks.create(requiredText(body, 'url'), body.events);
			},
		},
		{
			method: 'POST',
			path: '/v2/sessions/end',
			run: ({ body }) => {
				allowOnly(body, ['roomId', 'ignoreClosed', 'vsdkForceKill']);
				return rooms.end(
					requiredText(body, 'roomId'),
					plain(body, 'ignoreClosed', 'boolean') === true,
					plain(body, 'vsdkForceKill', 'boolean') === true,
				);
			},
		},
		{
			method: 'GET',
			path: '/v2/sessions',
			run: ({ query }) => rooms.list(query),
		},
		{
			method: 'POST',
			path: '/v2/agent/dispatch',
			run: ({ body }) => {
				const names = ['meetingId', 'roomId', 'agentId', 'metadata', 'versionId', 'versionTag'];
				allowOnly(body, [...names, 'roomOptions']);
				const roomId = requiredText(body, 'roomId');
				if (requiredText(body, 'meetingId') !== roomId) {
					throw new ApiError(400, 'meetingId and roomId must be the same');
				}
				for (const name of ['metadata', 'roomOptions']) object(body, name);
				text(body, 'versionId');
				text(body, 'versionTag');
				const data = rooms.dispatch(roomId, requiredText(body, 'agentId'));
				return { message: 'Agent dispatch requested successfully.', data };
			},
		},
		{
			method: 'GET',
			path: '/v2/public/rsa-public-key',
			// Assumed: anyone may read it.
			isPublic: true,
			run: () => {
				stats.publicKeyFetches += 1;
				return { publicKey: webhooks.publicKey() };
			},
		},
	];
}

/**
 * The decoded open parts of a path that fits a route's template, or undefined when it does not.
 * The path is split as it came: a URL parser would fold an id of `..` away.
 * @throws URIError when a part is not rightly percent-encoded
 */
export function paramsOf(template: string, pathname: string): string[] | undefined {
	const open = template.split('/');
	const parts = pathname.split('/');
	if (open.length !== parts.length) return undefined;
	const params: string[] = [];
	for (const [index, part] of parts.entries()) {
		const wanted = open[index] ?? '';
		if (wanted.startsWith('{') && part !== '') params.push(part);
		else if (wanted !== part) return undefined;
	}
	return params.map(decodeURIComponent);
}
