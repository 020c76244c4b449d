export { seededFaults } from './faults';
export type { Fault, FaultChooser, FaultRates, FaultRequest } from './faults';
export type { Deployment } from './deployments';
export type { ListOptions, Options } from './options';
export { startVideoSdkApi } from './server';
export type { VideoSdkApi } from './server';
export type { ListedOnly, Session } from './sessions';
export type { Delivery, Stats } from './stats';
export type { WebhookEvent } from './webhooks';
