import type { INodeProperties } from 'n8n-workflow';
import { dispatchAgent } from '../../api/rooms';
import type { Operation } from '../../execution/operation';
import {
	ADDITIONAL_FIELDS,
	additionalFields,
	readAdditionalFields,
} from '../../fields/additionalFields';
import { nonEmpty } from '../../fields/keysAndValues';
import { readByType } from '../../fields/byType';
import { metadataFields, readMetadata, readObject } from '../../fields/metadata';
import { optionsField } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import { readRoomId } from '../../fields/roomId';
import { fieldOf, readOptionalText, readText } from '../../fields/text';
import { room } from './room';

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
		displayName: 'Join Room',
		name: 'joinMeeting',
		type: 'boolean',
		default: true,
		description:
			'Whether the agent joins the room. VideoSDK does not document what happens if this is off.',
	},
	{
		displayName: 'Playground',
		name: 'playground',
		type: 'boolean',
		default: false,
		description: "Whether you can test the agent in VideoSDK's playground",
	},
	{
		displayName: 'Session Timeout (Seconds)',
		name: 'sessionTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 60,
		description:
			'VideoSDK describes this value in two ways: as the maximum length of a session, and as the time until the session ends after the last person has left. To limit how long a session lasts, end the room instead.',
	},
	{
		displayName: 'Vision',
		name: 'vision',
		type: 'boolean',
		default: false,
		description: 'Whether the agent sees the video of the room',
	},
];

const agentIdField: INodeProperties = {
	displayName: 'Agent ID',
	name: 'agentId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. support-agent',
	description: 'The ID of the agent, as in its code or in the VideoSDK dashboard',
};

const roomOptionsField: INodeProperties = {
	displayName: 'Room Options (JSON)',
	name: 'roomOptions',
	type: 'json',
	default: '{}',
	description:
		"Options for joining the room, as a JSON object. Fields that you add separately, such as 'Vision', override these options.",
};

const versionIdField: INodeProperties = {
	displayName: 'Version ID',
	name: 'versionId',
	type: 'string',
	default: '',
	description: 'The ID of a version of the agent. If empty, VideoSDK chooses one.',
};

const versionTagField: INodeProperties = {
	displayName: 'Version Tag',
	name: 'versionTag',
	type: 'string',
	default: '',
	placeholder: 'e.g. v1.0',
	description: 'The tag of a published version of the agent',
};

/** Sends the agent that each item names into the room that it names. */
export const dispatch: Operation = {
	option: {
		name: 'Dispatch Agent',
		value: 'dispatchAgent',
		action: 'Dispatch agent to room',
		description:
			'Send an AI voice agent into a room. A dispatched agent has no session ID: to make it leave, end the room.',
	},
	fields: [
		{ ...room.idField, description: 'The room that the agent joins' },
		agentIdField,
		additionalFields([
			...metadataFields('Data to pass to the agent, such as a customer number'),
			...roomOptionFields,
			roomOptionsField,
			versionIdField,
			versionTagField,
		]),
		optionsField(),
	],
	thing: { noun: 'agent', idField: 'roomId', idPrefix: 'agent for room ' },
	done: 'dispatched',
	async execute(run) {
		return await run.forEachItem((item) => {
			refuseRetryOnFail(run);
			const fields = readAdditionalFields(item);
			const roomId = readRoomId(item, { isOnlyHere: true });
			const agentId = readText(item, item.parameter(agentIdField.name), {
				...fieldOf(agentIdField),
				name: 'agent ID',
				nextStep:
					"In 'Agent ID', enter the ID of the agent, as in its code or in the VideoSDK dashboard.",
			});
			const dispatch = {
				roomId,
				agentId,
				versionId: readOptionalText(item, fields.versionId, {
					...fieldOf(versionIdField, ADDITIONAL_FIELDS),
					name: 'version ID',
					nextStep: "Check 'Version ID', or remove it.",
				}),
				versionTag: readOptionalText(item, fields.versionTag, {
					...fieldOf(versionTagField, ADDITIONAL_FIELDS),
					name: 'version tag',
					nextStep: "Check 'Version Tag', or remove it.",
				}),
				metadata: readMetadata(item, fields),
				roomOptions: nonEmpty({
					...readObject(
						item,
						fields.roomOptions,
						fieldOf(roomOptionsField, ADDITIONAL_FIELDS),
						'{ "vision": true }',
					),
					...readByType(item, roomOptionFields, fields, ADDITIONAL_FIELDS),
				}),
			};
			return {
				about: { roomId, agentId },
				run: async () => await dispatchAgent(item.client, dispatch),
			};
		});
	},
};
