import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { VideoSdkClient } from '../api/client';
import { listOfDeployments } from '../api/deployments';
import { listOf } from '../api/live';
import { idOf, readPage } from '../api/pages';
import { agentSessions } from '../api/sessions';
import { hasEnded, sessionStatuses } from '../api/statuses';
import { searchList } from './searchList';

const ROWS = 50;

/** The list works without the names of deployments, so it is not held up by them. */
const NAMES_PATIENCE = { timeout: 3_000, maxRetries: 0, giveUpAfter: 1_000 };

/** Gives the names of deployments by their IDs, as far as one request gives them. */
async function deploymentNames(context: ILoadOptionsFunctions): Promise<Map<string, string>> {
	try {
		const client = await VideoSdkClient.openAtOnce(context, NAMES_PATIENCE);
		const rows = await readPage(client, listOfDeployments(), 1);
		return new Map(rows.map(({ id, name }) => [String(id), String(name ?? '')]));
	} catch {
		return new Map();
	}
}

/** Characters of an ID that tell it from others: `8a93774e` of `session-8a93774e-caa0-…`. */
const SHORT = 8;

function shorten(id: string): string {
	const start = id.replace(/^session-/, '');
	return start.length > SHORT + 4 ? start.slice(0, SHORT) : start;
}

/** Writes times as a person in the workflow's time zone does: `25 Nov, 14:05`. */
class Clock {
	constructor(
		private readonly timeZone: string,
		private readonly now = new Date(),
	) {}

	private format(time: Date, options: Intl.DateTimeFormatOptions): string {
		return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: this.timeZone }).format(time);
	}

	private yearOf(time: Date): string {
		return this.format(time, { year: 'numeric' });
	}

	/** @returns undefined for what is no time */
	started({ start, createdAt }: IDataObject): string | undefined {
		const time = new Date(String(start || createdAt || ''));
		if (Number.isNaN(time.getTime())) return undefined;
		const year = this.yearOf(time) === this.yearOf(this.now) ? undefined : 'numeric';
		const date = this.format(time, { day: 'numeric', month: 'short', year });
		return `${date}, ${this.timeOf(time)}`;
	}

	/** n8n keeps the label of the entry that is picked, so a status that will change has its time. */
	statusOf(session: IDataObject): string | undefined {
		const { status } = session;
		if (typeof status !== 'string' || status === '') return undefined;
		return hasEnded(sessionStatuses, session) ? status : `${status} at ${this.timeOf(this.now)}`;
	}

	private timeOf(time: Date): string {
		return this.format(time, { hour: '2-digit', minute: '2-digit' });
	}
}

/**
 * Lists the sessions of the project for the picker, live ones first on each page. What is typed is
 * looked for in the name of the deployment too, and in metadata.
 */
export async function searchSessions(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const names = await deploymentNames(this);
	const clock = new Clock(this.getTimezone());
	const deploymentOf = ({ deploymentId }: IDataObject) => {
		const id = idOf(deploymentId);
		return id === undefined ? undefined : names.get(id) || `deployment ${shorten(id)}`;
	};
	return await searchList(
		this,
		{
			list: listOf(agentSessions, ROWS),
			toEntry: (session) => {
				const value = idOf(session.sessionId);
				if (value === undefined) return undefined;
				const label = [
					deploymentOf(session),
					clock.started(session),
					shorten(value),
					clock.statusOf(session),
				];
				return { name: label.filter((part) => part).join(' · '), value };
			},
			sort: (a, b) => Number(hasEnded(sessionStatuses, a)) - Number(hasEnded(sessionStatuses, b)),
			ifNone: 'This project has no sessions yet',
		},
		filter,
		paginationToken,
	);
}
