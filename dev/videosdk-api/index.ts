export type { Call } from './calls';
export { credentialOf, type CredentialFields } from './credential';
export type { Deployment } from './deployments';
export {
	type Fault,
	type FaultChooser,
	type FaultRates,
	type FaultRequest,
	seededFaults,
} from './faults';
export type { ListOptions, Options } from './options';
export type { RoomSession } from './rooms';
export { startVideoSdkApi, type VideoSdkApi } from './server';
export type { ListedOnly, Session } from './sessions';
export type { SipWebhook } from './sipWebhooks';
export type { Delivery, Stats } from './stats';
export type { WebhookEvent } from './webhooks';
