/** Whether a URL is on this machine, so that VideoSDK cannot reach it. */
export function isOnThisMachine(url: string): boolean {
	return /^https?:\/\/(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])(:|\/|$)/i.test(url);
}
