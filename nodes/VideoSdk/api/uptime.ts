/**
 * Milliseconds since n8n was started, to measure with how long something takes. The time of day does
 * not do: when the clock of the server is set back by an hour, all that waits would wait an hour longer.
 */
export const uptime = (): number => performance.now();
