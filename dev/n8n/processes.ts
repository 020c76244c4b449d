/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

/** A process that was started here, with every process that it starts. */
export interface Group {
	child: ChildProcess;
	/** Resolves with how it ended, in a few words, also if it could not be started. */
	ended: Promise<string>;
	/** Sends a signal to the whole group, if it still runs. */
	kill(signal: NodeJS.Signals): void;
}

const windows = process.platform === 'win32';

/**
 * Starts a process in a group of its own. Ctrl-C in the terminal then reaches only this process, which can
 * stop others in order, and no process of the group outlives it.
 */
export function startGroup(command: string, args: string[], options: SpawnOptions): Group {
	const child = spawn(command, args, { ...options, detached: !windows });
	const { pid } = child;

	const kill = (signal: NodeJS.Signals) => {
		try {
			if (windows || pid === undefined) child.kill(signal);
			else process.kill(-pid, signal);
		} catch {
			// The group has no process left.
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
