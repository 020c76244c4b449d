import { ApiError } from './answer';
import type { Options } from './options';
import { pageOf, type Page } from './paging';

/** The things of one kind that the project has. What it gives are copies, but for `kept` and `newest`. */
export class Store<Thing extends object> {
	#oldestFirst: Thing[] = [];
	readonly #byKey = new Map<string, Thing>();

	/**
	 * @param noun of a thing, as an error begins: `Call`
	 * @param keyOf gives what no two things have in common
	 */
	constructor(
		private readonly options: Options,
		private readonly noun: string,
		private readonly keyOf: (thing: Thing) => string,
	) {}

	/** How many things there are. */
	get size(): number {
		return this.#oldestFirst.length;
	}

	/** Adds a thing. @throws Error when its key is taken */
	add(thing: Thing): Thing {
		const key = this.keyOf(thing);
		if (this.#byKey.has(key)) throw new Error(`${this.noun} ${key} exists already`);
		this.#byKey.set(key, thing);
		this.#oldestFirst.push(thing);
		return { ...thing };
	}

	/** A thing, or undefined when there is none. */
	find(key: string): Thing | undefined {
		const thing = this.#byKey.get(key);
		return thing && { ...thing };
	}

	/** All things, oldest first. */
	all(): Thing[] {
		return this.#oldestFirst.map((thing) => ({ ...thing }));
	}

	/** One page of the things that fit, newest first; see `pageOf`. */
	list(query: URLSearchParams, fits?: (thing: Thing) => boolean): Page<Thing> {
		const fitting = fits ? this.#oldestFirst.filter(fits) : this.#oldestFirst;
		const { data, pageInfo } = pageOf(fitting, query, this.options.list);
		return { data: data.map((thing) => ({ ...thing })), pageInfo };
	}

	/**
	 * The thing itself, to change it.
	 * Assumed: an unknown one is a 404.
	 * @throws ApiError when there is none, as `unknownAs` says
	 */
	kept(key: string): Thing {
		return this.#known(this.#byKey.get(key));
	}

	/** The newest thing that fits, itself. @throws ApiError, as `kept` does */
	newest(fits: (thing: Thing) => boolean): Thing {
		return this.#known(this.#oldestFirst.findLast(fits));
	}

	/** Forgets the things that fit, as if VideoSDK knew nothing of them any more. */
	forget(fits: (thing: Thing) => boolean): void {
		for (const thing of this.#oldestFirst.filter(fits)) this.#byKey.delete(this.keyOf(thing));
		this.#oldestFirst = [...this.#byKey.values()];
	}

	/**
	 * Answers a request to end what has ended.
	 * Assumed: as `endOfEnded` says.
	 * @throws ApiError unless that is `success`
	 */
	answerEnded(status: string): void {
		const { endOfEnded = 409 } = this.options;
		if (endOfEnded !== 'success') {
			throw new ApiError(endOfEnded, `${this.noun} is already ${status}`);
		}
	}

	#known(thing: Thing | undefined): Thing {
		if (!thing) throw new ApiError(this.options.unknownAs ?? 404, `${this.noun} not found`);
		return thing;
	}
}
