import type { BrowserContext, Request, Response } from '@playwright/test';
import { findSecrets, type Finding } from './secrets';

/** Requests in which whoever fills in a credential sends what they typed, and has to. */
const TYPED_BY_THE_USER = /^(POST|PATCH) \/rest\/credentials(\/|$)/;

/** Kinds of resources that carry what n8n says, not how its editor looks. */
const SAYING = ['document', 'fetch', 'other', 'xhr'];

/** n8n's list of node types: files that its start writes, the same for everybody, 15 MB a page. */
const NODE_TYPES = '/types/';

/** What browsers sent to n8n and got from it: requests, text answers, and WebSocket frames. */
export class Traffic {
	/** Where it was, by the text itself: what comes again is kept once. */
	private readonly texts = new Map<string, string>();

	private readonly reading = new Set<Promise<void>>();

	/** Writes down all that goes in and out of a context's pages from now on. */
	watch(context: BrowserContext): void {
		context.on('request', (request) => this.keepRequest(request));
		context.on('response', (response) => {
			const reading = this.keepResponse(response).finally(() => this.reading.delete(reading));
			this.reading.add(reading);
		});
		context.on('page', (page) => {
			page.on('websocket', (socket) => {
				const keep = (way: string) => (frame: { payload: string | Buffer }) =>
					this.keep(`${way} ${new URL(socket.url()).pathname}`, frame.payload.toString());
				socket.on('framesent', keep('sent on'));
				socket.on('framereceived', keep('received on'));
			});
		});
	}

	/** Waits for the answers that are being read. */
	async settled(): Promise<void> {
		while (this.reading.size > 0) await Promise.all(this.reading);
	}

	/** Where each text was, such as `answer to GET /rest/settings`. */
	get places(): string[] {
		return [...this.texts.values()];
	}

	/** Looks for secrets in all of it. */
	search(secret: string): Finding[] {
		return [...this.texts].flatMap(([text, where]) => findSecrets(where, text, secret));
	}

	private keep(where: string, text: string | null): void {
		if (text && !this.texts.has(text)) this.texts.set(text, where);
	}

	private keepRequest(request: Request): void {
		const what = nameOf(request);
		this.keep(`request ${what}`, request.url());
		this.keep(`headers of ${what}`, JSON.stringify(request.headers()));
		if (!TYPED_BY_THE_USER.test(what)) this.keep(`body of ${what}`, request.postData());
	}

	private async keepResponse(response: Response): Promise<void> {
		const request = response.request();
		const what = nameOf(request);
		this.keep(`headers of the answer to ${what}`, JSON.stringify(response.headers()));
		if (!SAYING.includes(request.resourceType()) || what.includes(NODE_TYPES)) return;
		// An answer without a body, or one that the page left before it was there.
		const text = await response.text().catch(() => '');
		this.keep(`answer to ${what}`, text);
	}
}

function nameOf(request: Request): string {
	return `${request.method()} ${new URL(request.url()).pathname}`;
}
