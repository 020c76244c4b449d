import type { IDataObject } from 'n8n-workflow';
import { answerWithout } from '../http/answer';
import type { VideoSdkClient } from '../http/client';
import { isNotFound, notDone, VideoSdkFailure } from '../http/failure';
import { type EndableApi, purposeFor, thingOf, tryToGetOne } from './live';
import type { ApiRequest } from '../http/request';
import { hasEnded, isStopping } from './statuses';

/** What to do if a thing has already ended. */
export type IfAlreadyEnded = 'return' | 'fail';

/** Whether VideoSDK may have rejected the request because the thing has already ended. */
function mayHaveEndedBefore({ cause }: VideoSdkFailure): boolean {
	if (cause.kind === 'rejected') return true;
	if (cause.kind !== 'status' || cause.status < 400 || cause.status > 499) return false;
	return ![401, 403, 429].includes(cause.status);
}

/**
 * Looks up a thing after the request to end it has failed.
 *
 * @returns the thing if it has ended, or is about to
 * @throws the failure otherwise
 */
async function lookUpAfter(
	failure: VideoSdkFailure,
	{ statuses }: EndableApi,
	lookUp: (maxRetries?: number) => Promise<IDataObject | VideoSdkFailure>,
	listed?: IDataObject,
): Promise<IDataObject> {
	if (!failure.mayHaveTakenEffect && !mayHaveEndedBefore(failure)) throw failure;
	// If the request was given up, VideoSDK was unavailable for long enough: look only once.
	const retries = failure.cause.kind === 'gaveUp' ? 0 : 1;
	const found = await lookUp(failure.mayHaveTakenEffect ? retries : undefined);
	const isGone = found instanceof VideoSdkFailure && isNotFound(failure) && isNotFound(found);
	const thing = isGone && listed ? { ...listed, status: statuses.gone } : found;
	if (thing instanceof VideoSdkFailure) throw failure;
	if (!isStopping(thing) && !hasEnded(statuses, thing)) throw failure;
	return thing;
}

/** How one thing is ended. */
export interface HowToEnd {
	/** `fail` makes it an error that it has ended before, unless a request of ours may have ended it. */
	ifAlreadyEnded?: IfAlreadyEnded;
	/** The thing as VideoSDK has just listed it: if VideoSDK no longer has it, it has ended. */
	listed?: IDataObject;
	/** The thing as it was before, if that is known: the answer may not show that it had ended. */
	before?: IDataObject;
	/** Fields of the request besides the ID. */
	body?: IDataObject;
	/** Whether it completes what another request began. */
	isFollowUp?: boolean;
}

/**
 * Ends one thing. What VideoSDK answers for a thing that has already ended is not documented. If it
 * rejects the request, or its answer is lost, the thing is looked up: if it has ended, or is about to,
 * that is a success.
 *
 * @returns the thing, with every field as VideoSDK gave it, and its `message` or `alreadyEnded: true`
 * @throws VideoSdkFailure
 */
export async function endOne(
	client: VideoSdkClient,
	kind: EndableApi,
	id: string,
	{ ifAlreadyEnded, listed, before, body, isFollowUp }: HowToEnd = {},
): Promise<IDataObject> {
	const { end, idField, noun, statuses } = kind;
	const { done = 'ended' } = end;
	const purpose = purposeFor(kind, id, `was not ${done}`);
	const request: ApiRequest = {
		endpoint: end.endpoint,
		method: 'POST',
		path: end.path(id),
		body: { ...(end.isNamedInPath ? {} : { [idField]: id }), ...body },
		...purpose,
		...notDone(thingOf(kind, id), done),
		ifItWorked: done,
		idempotent: true,
		isFollowUp,
	};
	const lookUp = async (maxRetries?: number, known?: IDataObject) =>
		await tryToGetOne(client, kind, id, { ...purpose, isFollowUp: true, maxRetries }, known);

	const answer = await client.attempt(request);
	const result =
		answer instanceof VideoSdkFailure
			? answer
			: (end.read(answer) ?? answerWithout(noun, answer, request));
	let thing: IDataObject;
	if (result instanceof VideoSdkFailure) {
		thing = await lookUpAfter(result, kind, lookUp, listed);
		if (isStopping(thing)) return thing;
	} else {
		const ended = { ...result, [idField]: result[idField] ?? id };
		const found = end.update ? await lookUp(1, ended) : ended;
		thing = found instanceof VideoSdkFailure || !end.update ? ended : end.update(ended, found);
		// Unless something new of the same ID has begun since, this has ended nothing.
		if (!before || !hasEnded(statuses, before) || before.id !== thing.id) return thing;
	}
	if (
		ifAlreadyEnded === 'fail' &&
		!(result instanceof VideoSdkFailure && result.mayHaveTakenEffect)
	) {
		const { status, end: endedAt } = thing;
		const at = typeof endedAt === 'string' ? endedAt : undefined;
		const lastStatus = String(status);
		throw new VideoSdkFailure({ kind: 'alreadyEnded', noun, lastStatus, at }, request);
	}
	return { ...thing, alreadyEnded: true };
}
