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
	/** Whether sending it twice does no harm. */
	repeatable: boolean;
	/** Whether it only asks how far something is, and lets other requests go first. */
	isPoll?: boolean;
	/** Whether it finishes what another request began: it is sent though the run is to begin nothing. */
	isFollowUp?: boolean;
	/** Values in its body that no error may show, also where VideoSDK repeats them. */
	secrets?: string[];
	/** Bounds how often this one is sent again. */
	maxRetries?: number;
}
