import { randomUUID } from 'node:crypto';
import { ApiError, type JsonObject } from './answer';
import type { Options } from './options';
import { pageOf, type Page } from './paging';

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
	readonly #versions: Deployment[] = [];

	constructor(private readonly options: Options) {}

	/**
	 * Adds a deployment.
	 * Assumed: tag `v1.0` and status `active` where they are not given.
	 * @throws Error when the id has the tag
	 */
	add(fields: Partial<Deployment> = {}): Deployment {
		const now = new Date().toISOString();
		const deployment: Deployment = {
			id: randomUUID(),
			name: 'Agent',
			tag: 'v1.0',
			description: '',
			status: 'active',
			createdAt: now,
			updatedAt: now,
			...fields,
		};
		const { id, tag } = deployment;
		if (this.#versions.some((one) => one.id === id && one.tag === tag)) {
			throw new Error(`${id} ${tag} exists already`);
		}
		this.#versions.push(deployment);
		return { ...deployment };
	}

	/**
	 * A deployment by its id, and by its tag where one is given.
	 * Assumed: an unknown one is a 404. Without a tag it is the newest.
	 * @throws ApiError 404 when there is none
	 */
	get(id: string, tag?: string): Deployment {
		const deployment = this.#versions.findLast(
			(one) => one.id === id && (tag === undefined || one.tag === tag),
		);
		if (!deployment) {
			throw new ApiError(this.options.unknownAs ?? 404, 'Deployment not found');
		}
		return { ...deployment };
	}

	/** One page of the deployments, newest first, in the list's own spelling (`created_at`). */
	list(query: URLSearchParams): Page<JsonObject> {
		const { data, pageInfo } = pageOf(this.#versions, query, this.options.list);
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
