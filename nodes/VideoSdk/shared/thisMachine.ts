/** Whether a URL is on this machine. */
function isOnThisMachine(url: string): boolean {
	return /^https?:\/\/(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])(:|\/|$)/i.test(url);
}

/**
 * Whether VideoSDK certainly cannot reach a URL of n8n, since it is on this machine. A VideoSDK API on this
 * machine, which is one for tests, can.
 *
 * @param url of n8n, for events
 * @param baseUrl of the VideoSDK API
 */
export function isOutOfReach(url: string, baseUrl: string): boolean {
	return isOnThisMachine(url) && !isOnThisMachine(baseUrl);
}
