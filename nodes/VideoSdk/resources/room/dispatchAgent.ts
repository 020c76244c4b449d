import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { dispatchAgent, rooms } from '../../api/rooms';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';
import { additionalFields, readAdditionalFields } from '../../fields/additionalFields';
import { metadataFields, readMetadata, readObject } from '../../fields/metadata';
import { optionsField } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import { readRoomId } from '../../fields/roomId';
import { readOptionalText, readText } from '../../fields/text';
import { room } from './room';

const showOnlyForDispatch = { show: { resource: ['room'], operation: ['dispatchAgent'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForDispatch, [
	{ ...room.idField, description: 'The room that the agent joins, by its ID' },
	{
		displayName: 'Agent ID',
		name: 'agentId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. support-agent',
		description: 'The ID that the agent registers with',
	},
	additionalFields([
		...metadataFields('Data to pass to the agent, such as a customer number'),
		{
			displayName: 'Room Options (JSON)',
			name: 'roomOptions',
			type: 'json',
			default: '{}',
			description: 'Options with which the agent joins the room, as a JSON object',
		},
		{
			displayName: 'Version ID',
			name: 'versionId',
			type: 'string',
			default: '',
			description: 'The version of the agent. If empty, VideoSDK chooses one.',
		},
	]),
	optionsField(),
]);

export const thing = rooms;

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
			nextStep: "In 'Agent ID', enter the ID that the agent registers with.",
		});
		const dispatch = {
			roomId,
			agentId,
			versionId: readOptionalText(fields.versionId, {
				name: 'version ID',
				nextStep: "Check 'Version ID', or remove it.",
			}),
			metadata: readMetadata(item, fields),
			roomOptions: readObject(fields.roomOptions, 'Room Options (JSON)'),
		};
		return {
			about: { roomId, agentId },
			run: async () => await dispatchAgent(item.client, dispatch),
		};
	});
}
