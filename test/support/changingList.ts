import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { seededRandom } from '../../dev/videosdk-api/random';
import type { WireAnswer } from './wire';

/** Where VideoSDK has a session that it has ended. */
type AfterEnd = 'in place' | 'first' | 'gone';

/** A VideoSDK whose list of sessions changes while it is read, the same each time for the same seed. */
export class ChangingList {
	/** The sessions in the order of the list. */
	rows: IDataObject[] = [];

	/** How often each session was told to end. */
	readonly ends = new Map<string, number>();

	/** Sessions that have to be ended: they were live and matched when the list was first requested. */
	readonly wanted: Set<string>;

	/** What kind of list it is, for the message of a failed test. */
	readonly traits: IDataObject;

	private readonly random: () => number;

	private readonly perPage: number;

	private readonly total: (rows: number) => number | undefined;

	private readonly afterEnd: AfterEnd;

	private open = 0;

	private window = { from: Number.NEGATIVE_INFINITY, requests: 0 };

	private created = 0;

	private readonly changes: Record<string, number>;

	private readonly limits: { atOnce: number; perSecond: number };

	private readonly faults: number;

	constructor(seed: number) {
		this.random = seededRandom(seed);
		const size = this.pick([0, 3, 40, 250, 1_000]);
		const share = this.pick([0.02, 0.2, 0.9]);
		this.perPage = this.pick([10, 25, 100, 100]);
		const lie = this.pick(['true', 'true', 'missing', 'too many', 'too few', 'pages']);
		this.total = {
			true: (rows: number) => rows,
			missing: () => undefined,
			'too many': (rows: number) => 10 * rows + 500,
			'too few': (rows: number) => Math.floor(rows / 3),
			pages: (rows: number) => Math.ceil(rows / this.perPage),
		}[lie] as (rows: number) => number | undefined;
		this.afterEnd = this.pick(['in place', 'in place', 'first', 'gone']);
		// Changes a second.
		this.changes = this.pick<Record<string, number>>([
			{},
			{ begins: 3 },
			{ begins: 3, stops: 2 },
			{ begins: 20 },
			{ vanishes: 3 },
			{ begins: 3, vanishes: 3 },
			{ begins: 1, vanishes: 1, sorts: 0.5 },
		]);
		this.limits = this.pick([
			{ atOnce: Number.POSITIVE_INFINITY, perSecond: Number.POSITIVE_INFINITY },
			{ atOnce: 20, perSecond: Number.POSITIVE_INFINITY },
			{ atOnce: Number.POSITIVE_INFINITY, perSecond: 10 },
		]);
		this.faults = this.pick([0, 0.02, 0.1]);
		for (let row = 0; row < size; row++) this.begin(this.random() < share ? 'running' : 'stopped');
		// Newest first, oldest first, or in no order.
		const order = this.pick(['newest', 'newest', 'newest', 'oldest', 'none']);
		if (order === 'oldest') this.rows.reverse();
		if (order === 'none') this.sort();
		// Where an ended row does not stay, those that have ended before have gone the same way.
		if (this.afterEnd === 'gone')
			this.rows = this.rows.filter(({ status }) => status === 'running');
		this.wanted = new Set(this.live());
		this.traits = { seed, size, share, perPage: this.perPage, lie, afterEnd: this.afterEnd, order };
		Object.assign(this.traits, { changes: this.changes, limits: this.limits, faults: this.faults });
	}

	/** Answers a request after a time, during which the list changes. */
	async answer({ method, qs, body }: IHttpRequestOptions): Promise<WireAnswer> {
		await sleep(Math.floor(5 + this.random() * 60));
		const answer =
			this.refuse() ?? (await this.take(method === 'POST' ? this.end(body) : this.page(qs)));
		return answer;
	}

	/** The tag of a session: a third of them must not be ended. */
	tagOf(id: string): string {
		return Number(id.slice(1)) % 3 === 0 ? 'y' : 'x';
	}

	/** Lets the list change, until `stop` is called. */
	start(): { stop(): void } {
		let isOver = false;
		const change = async (name: string, perSecond: number) => {
			for (;;) {
				await sleep(Math.ceil((-Math.log(1 - this.random()) * 1_000) / perSecond));
				if (isOver) return;
				this.change(name);
			}
		};
		for (const [name, perSecond] of Object.entries(this.changes)) void change(name, perSecond);
		return { stop: () => (isOver = true) };
	}

	private pick<Choice>(choices: Choice[]): Choice {
		return choices[Math.floor(this.random() * choices.length)] as Choice;
	}

	private live(): string[] {
		return this.rows
			.filter(({ status, tag }) => status === 'running' && tag === 'x')
			.map(({ sessionId }) => String(sessionId));
	}

	private begin(status: string) {
		const number = ++this.created;
		this.rows.unshift({
			sessionId: `s${number}`,
			status,
			tag: this.tagOf(`s${number}`),
			createdAt: new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString(),
		});
	}

	private sort() {
		const keys = new Map(this.rows.map((row) => [row, this.random()]));
		this.rows.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
	}

	private change(name: string) {
		const row = this.pick(this.rows);
		if (name === 'begins') this.begin('running');
		else if (name === 'sorts') this.sort();
		else if (!row) return;
		else if (name === 'stops' && this.afterEnd === 'in place') row.status = 'stopped';
		else this.rows.splice(this.rows.indexOf(row), 1);
		if (name !== 'begins' && name !== 'sorts') this.wanted.delete(String(row?.sessionId));
	}

	private refuse(): WireAnswer | undefined {
		const now = Date.now();
		if (now - this.window.from >= 1_000) this.window = { from: now, requests: 0 };
		if (this.open >= this.limits.atOnce || this.window.requests >= this.limits.perSecond) {
			return { statusCode: 429, headers: {} };
		}
		if (this.random() < this.faults) return { statusCode: 502 };
		return undefined;
	}

	private async take(answer: WireAnswer): Promise<WireAnswer> {
		this.open++;
		this.window.requests++;
		await sleep(Math.floor(5 + this.random() * 60));
		this.open--;
		return answer;
	}

	private page(qs: IDataObject = {}): WireAnswer {
		const perPage = Math.min(Number(qs.perPage), this.perPage);
		const from = (Number(qs.page) - 1) * perPage;
		const data = this.rows.slice(from, from + perPage).map((row) => ({ ...row }));
		const total = this.total(this.rows.length);
		return { body: { data, ...(total !== undefined && { pageInfo: { totalItems: total } }) } };
	}

	private end(body: unknown): WireAnswer {
		const { sessionId } = JSON.parse(String(body)) as { sessionId: string };
		const row = this.rows.find((one) => one.sessionId === sessionId);
		this.ends.set(sessionId, (this.ends.get(sessionId) ?? 0) + 1);
		if (!row) return { statusCode: 404 };
		if (row.status !== 'running') return { statusCode: 409 };
		row.status = 'stopped';
		if (this.afterEnd !== 'in place') this.rows.splice(this.rows.indexOf(row), 1);
		if (this.afterEnd === 'first') this.rows.unshift(row);
		return { body: { data: { ...row } } };
	}
}
