/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

/** A process started here, together with every process it starts. */
export interface Group {
	child: ChildProcess;
	/** Resolves with a few words about how it ended, also when it could not be started. */
	ended: Promise<string>;
	/** Sends a signal to all of it; nothing happens when it is gone. */
	kill(signal: NodeJS.Signals): void;
}

const windows = process.platform === 'win32';

/**
 * Starts a process in a group of its own: Ctrl-C in the terminal reaches only us, who can then
 * stop things in order, and nothing it started outlives it or us.
 */
export function startGroup(command: string, args: string[], options: SpawnOptions): Group {
	const child = spawn(command, args, { ...options, detached: !windows });
	const { pid } = child;

	const kill = (signal: NodeJS.Signals) => {
		try {
			if (windows || pid === undefined) child.kill(signal);
			else process.kill(-pid, signal);
		} catch {
			// Nobody left in the group.
		}
	};
	const killNow = () => kill('SIGKILL');
	process.once('exit', killNow);

	const ended = new Promise<string>((resolve) => {
		child.once('error', (error) => resolve(error.message));
		child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
	}).finally(() => {
		killNow();
		process.off('exit', killNow);
	});

	return { child, ended, kill };
}
