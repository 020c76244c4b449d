import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';
import type { Purpose } from './failure';

/** A request to VideoSDK. */
export interface ApiRequest extends Purpose {
	/** VideoSDK's name for the endpoint, such as `End Session`. */
	endpoint: string;
	method: IHttpRequestMethods;
	path: string;
	qs?: IDataObject;
	body?: IDataObject;
	/** Whether it is harmless to send it twice. */
	idempotent: boolean;
	/** Whether it only checks a status while waiting, and so lets other requests go first. */
	isPoll?: boolean;
	/** Whether other requests go first, as with a poll: nothing else waits for it yet. */
	letsOthersFirst?: boolean;
	/** Whether its answer is still needed. If not, it is not sent, and ends with NotAttempted. */
	isNeeded?(): boolean;
	/** Whether it completes what another request began: it is sent even if new work was stopped. */
	isFollowUp?: boolean;
	/** Values in its body that no error may show, even if VideoSDK repeats them. */
	secrets?: string[];
	/** The most retries, if fewer than the options allow. */
	maxRetries?: number;
}
