import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import { beginRun, type RequestOptions, type Tally, VideoSdkClient } from './client';
import { expressionsByItem } from './credentialExpressions';
import { CredentialProblem } from './credentialProblem';
import { CREDENTIAL } from './transport';
import { credentialText } from '../shared/visible';

/** The fields of the credential that make up a project, by their labels. */
const FIELDS = { apiKey: 'API Key', secretKey: 'Secret Key', baseUrl: 'Base URL' };

/** The same for two credentials with which requests go to the same project. */
function projectOf({ apiKey, secretKey, baseUrl }: ICredentialDataDecryptedObject): string {
	const [key, secret, url] = [apiKey, secretKey, baseUrl].map(credentialText);
	return JSON.stringify([key, secret, url?.replace(/\/+$/, '')]);
}

/** The label of the first field that is empty, if one is. */
function emptyFieldOf(credentials: ICredentialDataDecryptedObject): string | undefined {
	return Object.entries(FIELDS).find(([field]) => credentialText(credentials[field]) === '')?.[1];
}

/**
 * The clients of a run. If the fields of the credential are expressions, each item has its own
 * credential, and there is one client for each project; otherwise all items share one.
 */
export class Clients {
	private readonly run: ReturnType<typeof beginRun>;

	private readonly byProject = new Map<string, VideoSdkClient>();

	private readonly byItem: Array<Promise<VideoSdkClient> | undefined> = [];

	private varying?: Promise<string[] | undefined>;

	constructor(
		private readonly context: IExecuteFunctions,
		options: RequestOptions,
		private readonly size: number,
	) {
		this.run = beginRun(context, options);
	}

	/** What happened to the requests of all clients. */
	get tally(): Tally {
		return this.run.tally;
	}

	/** The expressions in the credential that can differ between items. @returns undefined if n8n does not tell */
	async expressions(): Promise<string[] | undefined> {
		return await (this.varying ??= expressionsByItem(this.context));
	}

	/** Whether the credential can differ between items. @returns undefined if n8n does not tell */
	async vary(): Promise<boolean | undefined> {
		const expressions = await this.expressions();
		return expressions && expressions.length > 0;
	}

	/**
	 * Returns the client of an item. A credential that is the same for all items is read once, since n8n
	 * decrypts it each time.
	 *
	 * @throws NodeOperationError of n8n if the node has no credential, ExpressionError if an expression in
	 * it fails, CredentialProblem if one finds nothing
	 */
	async of(index: number): Promise<VideoSdkClient> {
		const isShared = this.size > 1 && (await this.vary()) === false;
		return await (this.byItem[isShared ? 0 : index] ??= this.open(isShared ? 0 : index));
	}

	/** From now on sends only requests that complete what was begun. Others end with NotAttempted. */
	stopNewWork(): void {
		this.run.stopNewWork();
	}

	private async open(index: number): Promise<VideoSdkClient> {
		const credentials = await this.context.getCredentials(CREDENTIAL, index);
		const empty = emptyFieldOf(credentials);
		// Of an empty field with no expression, the credential itself tells.
		if (empty !== undefined && (await this.vary())) {
			throw new CredentialProblem(
				`'${empty}' in the VideoSDK credential is empty for this item`,
				`If '${empty}' is an expression, check that the input item has the field that the expression reads. Nothing was sent for this item.`,
			);
		}
		const project = projectOf(credentials);
		const known = this.byProject.get(project);
		if (known) return known;
		const client = new VideoSdkClient(this.context, credentials, this.run);
		this.byProject.set(project, client);
		return client;
	}
}
