import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { dispatchAgent } from '../../api/rooms';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';
import { additionalFields, readAdditionalFields } from '../../fields/additionalFields';
import { nonEmpty } from '../../fields/keysAndValues';
import { readByType } from '../../fields/byType';
import { metadataFields, readMetadata, readObject } from '../../fields/metadata';
import { optionsField } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import { readRoomId } from '../../fields/roomId';
import { readOptionalText, readText } from '../../fields/text';
import { room } from './room';

const showOnlyForDispatch = { show: { resource: ['room'], operation: ['dispatchAgent'] } };

/** The options of a room that the types of the vendor's SDK have, by the names that VideoSDK uses. */
const roomOptionFields: INodeProperties[] = [
	{
		displayName: 'Auto End Session',
		name: 'autoEndSession',
		type: 'boolean',
		default: true,
		description:
			'Whether the agent ends its session by itself when the last person has left the room',
	},
	{
		displayName: 'Join Meeting',
		name: 'joinMeeting',
		type: 'boolean',
		default: true,
		description: 'Whether the agent joins the room',
	},
	{
		displayName: 'Playground',
		name: 'playground',
		type: 'boolean',
		default: false,
		description: "Whether the room can be tried in VideoSDK's playground",
	},
	{
		displayName: 'Session Timeout (Seconds)',
		name: 'sessionTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 60,
		description:
			'Sets sessionTimeoutSeconds, which VideoSDK describes in two contradictory ways. To limit how long a session lasts, end the room instead.',
	},
	{
		displayName: 'Vision',
		name: 'vision',
		type: 'boolean',
		default: false,
		description: 'Whether the agent sees the video of the room',
	},
];

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForDispatch, [
	{ ...room.idField, description: 'The room that the agent joins' },
	{
		displayName: 'Agent ID',
		name: 'agentId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. support-agent',
		description: 'The ID of the agent, as in its code or in the VideoSDK dashboard',
	},
	additionalFields([
		...metadataFields('Data to pass to the agent, such as a customer number'),
		...roomOptionFields,
		{
			displayName: 'Room Options (JSON)',
			name: 'roomOptions',
			type: 'json',
			default: '{}',
			description:
				'Options for joining the room, as a JSON object. The separate options override these.',
		},
		{
			displayName: 'Version ID',
			name: 'versionId',
			type: 'string',
			default: '',
			description: 'The ID of a version of the agent. If empty, VideoSDK chooses one.',
		},
		{
			displayName: 'Version Tag',
			name: 'versionTag',
			type: 'string',
			default: '',
			placeholder: 'e.g. v1.0',
			description: 'The tag of a published version of the agent',
		},
	]),
	optionsField(),
]);

export const thing = { noun: 'agent', idField: 'roomId' };

export const done = 'dispatched';

/** Sends the agent that each item names into the room that it names. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => {
		refuseRetryOnFail(item);
		const fields = readAdditionalFields(item);
		const roomId = readRoomId(item);
		const agentId = readText(item, item.parameter('agentId'), {
			field: 'Agent ID',
			path: 'agentId',
			name: 'agent ID',
			nextStep:
				"In 'Agent ID', enter the ID of the agent, as in its code or in the VideoSDK dashboard.",
		});
		const dispatch = {
			roomId,
			agentId,
			versionId: readOptionalText(item, fields.versionId, {
				field: 'Version ID',
				path: 'additionalFields.versionId',
				name: 'version ID',
				nextStep: "Check 'Version ID', or remove it.",
			}),
			versionTag: readOptionalText(item, fields.versionTag, {
				field: 'Version Tag',
				path: 'additionalFields.versionTag',
				name: 'version tag',
				nextStep: "Check 'Version Tag', or remove it.",
			}),
			metadata: readMetadata(item, fields),
			roomOptions: nonEmpty({
				...readObject(item, fields.roomOptions, {
					field: 'Room Options (JSON)',
					path: 'additionalFields.roomOptions',
				}),
				...readByType(item, roomOptionFields, fields, 'additionalFields'),
			}),
		};
		return {
			about: { roomId, agentId },
			run: async () => await dispatchAgent(item.client, dispatch),
		};
	});
}
