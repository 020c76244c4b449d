import type { VideoSdkApi } from '../../dev/videosdk-api';

/** Adds a room with an answered, a ringing and an ended call, and another with one call. */
export function addTwoRooms(api: VideoSdkApi, roomId: string, otherRoomId: string): void {
	api.rooms.add({ roomId });
	api.calls.add({ callId: 'answered', roomId });
	api.calls.add({ callId: 'ringing', roomId, status: 'ringing' });
	api.calls.add({ callId: 'missed', roomId, status: 'missed' });
	api.rooms.add({ roomId: otherRoomId });
	api.calls.add({ callId: 'other', roomId: otherRoomId });
}
