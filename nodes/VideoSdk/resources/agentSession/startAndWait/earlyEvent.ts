import type { VideoSdkClient } from '../../../http/client';
import { getOne } from '../../../api/live';
import { agentSessions, latestEventOf } from '../../../api/sessions';
import { uptime } from '../../../shared/uptime';
import type { ResumableExecution } from '../../../execution/resumableExecution';
import { awaitedBy, sealedEvent } from './resume';

/** Milliseconds to wait before each look at the session, one after the other. */
const LOOKS = [2_000, 8_000, 20_000];

/** Milliseconds after the start of the session after which no look begins, if answers took long. */
const LAST_LOOK = 40_000;

/** A look is not retried: the next one sees what it missed. */
const ONCE = { isPoll: true, maxRetries: 0 };

/** n8n answers 409 both while the execution runs and, with another message, when it is over. */
function isTooEarly({
	statusCode,
	body,
}: Awaited<ReturnType<ResumableExecution['post']>>): boolean {
	return statusCode >= 500 || (statusCode === 409 && /running/.test(JSON.stringify(body)));
}

/**
 * Sends an event of the session to n8n again if it arrived before n8n had stored the execution: n8n
 * refused it, and whether VideoSDK sends it again is not documented.
 *
 * @param url that resumes the execution
 * @param resumeOn what the node waits for
 */
export async function resendEarlyEvent(
	execution: ResumableExecution,
	client: VideoSdkClient,
	sessionId: string,
	{ url, resumeOn }: { url: string; resumeOn: Parameters<typeof awaitedBy>[0] },
): Promise<void> {
	const end = uptime() + LAST_LOOK;
	for (const pause of LOOKS) {
		await client.wait(pause);
		if (uptime() > end) return;
		const session = await getOne(client, agentSessions, sessionId, ONCE).catch(() => undefined);
		const event = session && latestEventOf(session);
		if (!event || !awaitedBy(resumeOn).includes(event)) continue;
		const { body, headers } = sealedEvent(client, event, session);
		const answer = await execution.post(url, body, headers).catch(() => undefined);
		if (answer && !isTooEarly(answer)) return;
	}
}
