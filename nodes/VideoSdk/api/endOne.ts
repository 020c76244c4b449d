import type { IDataObject } from 'n8n-workflow';
import { answerWithout } from './answer';
import type { VideoSdkClient } from './client';
import { isNotFound, VideoSdkFailure } from './failure';
import { type LiveKind, purposeFor, tryToGetOne } from './live';
import type { ApiRequest } from './request';
import { hasEnded, isStopping } from './statuses';

/** What to do about something that turns out to have ended before. */
export type IfAlreadyEnded = 'return' | 'fail';

function isRefusalOfWhatHasEnded({ cause }: VideoSdkFailure): boolean {
	if (cause.kind !== 'status' || cause.status < 400 || cause.status > 499) return false;
	return ![401, 402, 403, 429].includes(cause.status);
}

/**
 * Ends one thing. What ending something that has ended answers is not documented: when it is
 * refused, or the response is lost, the thing itself is looked up, and if it has ended, or is about to,
 * that is success.
 *
 * @param ifAlreadyEnded `fail` makes it an error, unless a lost request of ours may have ended it
 * @param listed the thing as VideoSDK has just listed it: if it knows nothing of it any more, it has
 * ended
 * @returns it, every field as it came, with VideoSDK's `message` or `alreadyEnded: true`
 * @throws VideoSdkFailure
 */
export async function endOne(
	client: VideoSdkClient,
	kind: LiveKind,
	id: string,
	ifAlreadyEnded?: IfAlreadyEnded,
	listed?: IDataObject,
): Promise<IDataObject> {
	const { end, idField, noun, statuses } = kind;
	const purpose = purposeFor(kind, id, 'was not ended');
	const request: ApiRequest = {
		endpoint: end.endpoint,
		method: 'POST',
		path: end.path,
		body: { [idField]: id },
		...purpose,
		ifItWorked: 'ended',
		repeatable: true,
	};
	const lookUp = async (maxRetries?: number, known?: IDataObject) =>
		await tryToGetOne(client, kind, id, { ...purpose, isFollowUp: true, maxRetries }, known);

	const answer = await client.attempt(request);
	const ended =
		answer instanceof VideoSdkFailure
			? answer
			: (end.read(answer) ?? answerWithout(noun, answer, request));
	if (!(ended instanceof VideoSdkFailure)) {
		const named = { ...ended, [idField]: ended[idField] ?? id };
		if (!end.update) return named;
		const found = await lookUp(1, named);
		return found instanceof VideoSdkFailure ? named : end.update(named, found);
	}
	if (!ended.mayHaveWorked && !isRefusalOfWhatHasEnded(ended)) throw ended;

	// An outage has been waited for once already.
	const afterOutage = ended.cause.kind === 'gaveUp' ? 0 : 1;
	const found = await lookUp(ended.mayHaveWorked ? afterOutage : undefined);
	const hasVanished = found instanceof VideoSdkFailure && isNotFound(ended) && isNotFound(found);
	const thing = hasVanished && listed ? { ...listed, status: statuses.gone } : found;
	if (thing instanceof VideoSdkFailure) throw ended;
	if (isStopping(thing)) return thing;
	if (!hasEnded(statuses, thing)) throw ended;
	if (ifAlreadyEnded === 'fail' && !ended.mayHaveWorked) {
		const { status, end: endedAt } = thing;
		const at = typeof endedAt === 'string' ? endedAt : undefined;
		const lastStatus = String(status);
		throw new VideoSdkFailure({ kind: 'alreadyEnded', noun, lastStatus, at }, request);
	}
	return { ...thing, alreadyEnded: true };
}
