/**
 * Milliseconds since n8n was started, for measuring durations. The time of day is not suitable: if the
 * clock of the server is set back by an hour, everything that waits would wait an hour longer.
 */
export const uptime = (): number => performance.now();
