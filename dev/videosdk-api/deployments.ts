import { randomUUID } from 'node:crypto';
import type { JsonObject } from './answer';
import type { Options } from './options';
import type { Page } from './paging';
import { Store } from './store';

/** A deployment, in the spelling of Fetch a Deployment. Times are ISO-8601. */
export interface Deployment {
	id: string;
	name: string;
	tag: string;
	description: string;
	status: string;
	createdAt: string;
	updatedAt: string;
}

/**
 * The project's deployments.
 * Assumed: a row of the list for each tag.
 */
export class Deployments {
	readonly #store: Store<Deployment>;

	constructor(options: Options) {
		this.#store = new Store(options, 'Deployment', ({ id, tag }) => `${id} ${tag}`);
	}

	/**
	 * Adds a deployment.
	 * Assumed: tag `v1.0` and status `active` where they are not given.
	 * @throws Error when the id has the tag
	 */
	add(fields: Partial<Deployment> = {}): Deployment {
		const now = new Date().toISOString();
		return this.#store.add({
			id: randomUUID(),
			name: 'Agent',
			tag: 'v1.0',
			description: '',
			status: 'active',
			createdAt: now,
			updatedAt: now,
			...fields,
		});
	}

	/**
	 * A deployment by its id, and by its tag where one is given.
	 * Assumed: without a tag it is the newest.
	 * @throws ApiError when there is none
	 */
	get(id: string, tag?: string): Deployment {
		const fits = (one: Deployment) => one.id === id && (tag === undefined || one.tag === tag);
		return { ...this.#store.newest(fits) };
	}

	/** One page of the deployments, newest first, in the list's own spelling (`created_at`). */
	list(query: URLSearchParams): Page<JsonObject> {
		const { data, pageInfo } = this.#store.list(query);
		return {
			data: data.map(({ id, name, tag, description, status, createdAt }) => ({
				id,
				name,
				tag,
				description,
				status,
				created_at: createdAt,
			})),
			pageInfo,
		};
	}
}
