import type { IDataObject } from 'n8n-workflow';
import { VideoSdkFailure } from './failure';
import type { ApiRequest } from './request';
import { readSaid } from './said';

/**
 * Gives the failure of an answer that lacks what the documentation promises. It may say why.
 *
 * @param what is not in it: `session`
 */
export function lacking(what: string, answer: IDataObject, request: ApiRequest): VideoSdkFailure {
	const said = readSaid(answer, {}, request.secrets);
	const mayHaveWorked = request.method !== 'GET';
	return new VideoSdkFailure(
		{ kind: 'unreadable', problem: `has no ${what} in it`, said },
		request,
		mayHaveWorked,
	);
}
