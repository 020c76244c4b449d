/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Execution, N8nRest, Workflow } from '../../../dev/n8n/rest';

/** n8n's editor, signed in. All tests share its one page, and so what the browser keeps of n8n's files. */
export class Editor {
	constructor(
		readonly page: Page,
		readonly rest: N8nRest,
	) {}

	// Made when it is needed: the fixture of a worker begins before Playwright knows what n8n calls
	// its test ids.
	get nodesPanel(): NodesPanel {
		return new NodesPanel(this.page);
	}

	/** Opens a workflow. What is not saved of the one before is gone. */
	async open({ id, name }: Workflow): Promise<void> {
		// Until it has them, the editor takes another credential of the same name.
		const credentials = async (timeout: number) =>
			await this.page.waitForResponse(
				(response) => response.url().endsWith(`/rest/credentials/for-workflow?workflowId=${id}`),
				{ timeout },
			);
		const path = `/workflow/${id}`;
		const isShown = async () =>
			await Promise.all([credentials(8_000), this.show(path)]).then(
				() => true,
				() => false,
			);
		// To load the whole editor again takes ten seconds of a core. A busy n8n sometimes stays where it is.
		if (!(await this.goesToOverview()) || !(await isShown())) {
			await Promise.all([credentials(60_000), this.page.goto(path, { timeout: 60_000 })]);
		}
		const shown = this.page.getByTestId('workflow-name-input').getByTestId('inline-edit-preview');
		await expect(shown).toHaveText(name, { timeout: 60_000 });
	}

	/** Goes to n8n's overview, without what is not saved, unless no page is open or n8n stays where it is. */
	private async goesToOverview(): Promise<boolean> {
		if (this.page.url() === 'about:blank') return false;
		// It opens the same node of the next workflow, too.
		if (process.env.N8N_VERSION?.startsWith('1.')) return false;
		await this.show('/home/workflows');
		const overview = this.page.getByRole('heading', { name: 'Overview' });
		const leave = this.page.getByRole('button', { name: 'Leave without saving' });
		try {
			await overview.or(leave).first().waitFor();
			if (await leave.isVisible()) await leave.click();
			await overview.waitFor({ timeout: 5_000 });
			return true;
		} catch {
			return false;
		}
	}

	/** Goes to a view, as a link of the editor does. */
	async show(path: string): Promise<void> {
		await this.page.evaluate(`
			history.pushState(null, '', ${JSON.stringify(path)});
			dispatchEvent(new PopStateEvent('popstate', { state: null }));
		`);
	}

	/** A node on the canvas. */
	node(name: string): Locator {
		return this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	}

	/** Opens a node of the workflow that is shown. */
	async openNode(name: string): Promise<NodePanel> {
		await this.node(name).dblclick();
		return await NodePanel.opened(this.page, this.rest, name);
	}

	/** Runs the whole workflow that is shown, and waits until it is over. */
	async run(): Promise<Execution> {
		const button = this.page.getByTestId('execute-workflow-button');
		return await finished(this.page, this.rest, button, 'Execute workflow');
	}
}

/** The list on the right from which nodes are added. */
export class NodesPanel {
	/** What the list shows: nodes, and once one of them is opened, what it can do. */
	readonly entries: Locator;

	constructor(private readonly page: Page) {
		this.entries = page.getByTestId('item-iterator-item');
	}

	/** Opens the list, unless it is open, and searches. */
	async search(text: string): Promise<void> {
		const field = this.page.getByTestId('node-creator-search-bar');
		if (!(await field.isVisible())) await this.page.getByTestId('node-creator-plus-button').click();
		await field.fill(text);
	}

	/** An entry by its whole name. */
	entry(name: string): Locator {
		const itsName = this.page
			.getByTestId('node-creator-item-name')
			.getByText(name, { exact: true });
		return this.entries.filter({ has: itsName });
	}
}

/** An open node: its input on the left, its fields in the middle, its output on the right. */
export class NodePanel {
	readonly output: Locator;
	/** What the output says of a run that failed. */
	readonly error: Locator;
	readonly errorDescription: Locator;

	private constructor(
		private readonly page: Page,
		private readonly rest: N8nRest,
	) {
		this.output = page.getByTestId('output-panel');
		this.error = this.output.getByTestId('node-error-message');
		this.errorDescription = this.output.getByTestId('node-error-description');
	}

	/** @throws when the node of that name is not open */
	static async opened(page: Page, rest: N8nRest, name: string): Promise<NodePanel> {
		const title = page.getByTestId('ndv').getByTestId('node-title-container');
		await expect(title).toContainText(name);
		return new NodePanel(page, rest);
	}

	/** A field, by its name in the workflow. */
	field(name: string): Locator {
		return this.page.getByTestId(`parameter-input-${name}`);
	}

	/** Chooses an entry of a field that is a dropdown. */
	async choose(name: string, entry: string): Promise<void> {
		await this.field(name).click();
		await this.entry(entry).click();
	}

	/** Chooses entries of a field that takes several. */
	async chooseSeveral(name: string, entries: string[]): Promise<void> {
		await this.field(name).click();
		for (const entry of entries) await this.entry(entry).click();
		await this.page.keyboard.press('Escape');
	}

	/** Writes into a field. */
	async fill(name: string, text: string): Promise<void> {
		await this.field(name).locator('input, textarea').fill(text);
	}

	/** Turns a switch. */
	async toggle(name: string): Promise<void> {
		// The switch itself is hidden behind what looks like one.
		await this.field(name).locator('.el-switch').click();
	}

	/** Adds a field with a button such as "Add option". */
	async add(button: string, entry: string): Promise<void> {
		await this.page.getByPlaceholder(button, { exact: true }).click();
		await this.entry(entry).click();
	}

	/** Adds an entry to a field that takes several, with a button such as "Add variable". */
	async addEntry(button: string): Promise<void> {
		await this.page.getByRole('button', { name: button, exact: true }).click();
	}

	/** Where a field that can be picked from a list shows what is picked. */
	picked(name: string): Locator {
		return this.field(name).getByTestId('rlc-input');
	}

	/** Opens the list of a field that can be picked from one, and gives its rows. */
	async openList(name: string): Promise<Locator> {
		await this.picked(name).click();
		const rows = this.page.getByTestId('rlc-item');
		await expect(rows).not.toHaveCount(0);
		return rows;
	}

	/** Searches the list that is open. */
	async searchList(text: string): Promise<void> {
		await this.page.getByTestId('rlc-search').fill(text);
	}

	/** Picks the row that has a text from the list of a field. */
	async pick(name: string, text: string): Promise<void> {
		const rows = await this.openList(name);
		await rows.filter({ hasText: text }).click();
	}

	/**
	 * Gives a field that can be picked from a list an expression for an ID, and waits until the
	 * editor shows what it gives: a moment before, the node still runs with the old one.
	 */
	async fillExpression(name: string, expression: string, result: string): Promise<void> {
		await this.field(name).getByTestId('rlc-mode-selector').click();
		await this.entry('By ID').click();
		await this.page
			.getByTestId(`${name}-parameter-input-options-container`)
			.getByTestId('radio-button-expression')
			.click();
		await this.field(name).locator('.cm-content').fill(expression);
		const preview = this.page.getByTestId('parameter-input-hint');
		await expect(preview).toHaveText(result);
	}

	/** Opens the tab of a node that has On Error. */
	async openSettings(): Promise<void> {
		await this.page.getByTestId('tab-settings').click();
	}

	/** Runs the node, and what it needs of the ones before it, and waits until that is over. */
	async execute(): Promise<Execution> {
		const button = this.page.getByTestId('node-execute-button');
		return await finished(this.page, this.rest, button, 'Execute step');
	}

	/** Presses the button that runs the node, for a node that n8n does not run. */
	async tryToExecute(): Promise<void> {
		await this.page.getByTestId('node-execute-button').click();
	}

	/** The output as the table shows it, a record for each row. */
	async rows(): Promise<Array<Record<string, string>>> {
		await this.output.getByTestId('radio-button-table').click();
		const heads = await this.output.locator('thead th').allInnerTexts();
		const rows = await this.output.locator('tbody tr').all();
		return await Promise.all(
			rows.map(async (row) => {
				const cells = await row.locator('td').allInnerTexts();
				return Object.fromEntries(
					heads.flatMap((head, at) => (head ? [[head, cells[at] ?? '']] : [])),
				);
			}),
		);
	}

	/** Waits until the output panel shows these rows, in this order, with at least these fields. */
	async expectRows(rows: Array<Record<string, unknown>>): Promise<void> {
		await expect.poll(async () => await this.rows()).toMatchObject(rows);
	}

	/** Gives the output the room that the input has, in a small window. */
	async widenOutput(): Promise<void> {
		const handle = this.page.getByTestId('panel-drag-button');
		await handle.dragTo(this.page.getByTestId('ndv'), { targetPosition: { x: 220, y: 20 } });
	}

	/** Opens one of the outputs of a node that has several. */
	async openBranch(name: string): Promise<void> {
		await this.output.getByTestId('branches').getByText(name).click();
	}

	async close(): Promise<void> {
		const button = this.page.getByTestId('ndv-close-button');
		// As n8n 1 has it.
		await button.or(this.page.getByTestId('back-to-canvas')).click();
	}

	/** Makes a new credential for the node. */
	async newCredential(): Promise<CredentialDialog> {
		await this.page.getByTestId('node-credentials-select').click();
		await this.page.getByTestId('node-credentials-select-item-new').click();
		return new CredentialDialog(this.page);
	}

	/** Opens the credential of the node. */
	async openCredential(): Promise<CredentialDialog> {
		await this.page.getByTestId('credential-edit-button').click();
		return new CredentialDialog(this.page);
	}

	private entry(name: string): Locator {
		return this.page
			.getByRole('option')
			.filter({ has: this.page.getByText(name, { exact: true }), visible: true });
	}
}

/** The open dialog of a credential. */
export class CredentialDialog {
	readonly dialog: Locator;
	readonly closeButton: Locator;

	constructor(private readonly page: Page) {
		this.dialog = page.getByTestId('editCredential-modal');
		this.closeButton = this.dialog.getByRole('button', { name: 'Close this dialog' });
	}

	/** The input of a field, by its name in the credential. */
	field(name: string): Locator {
		return this.dialog.getByTestId(`parameter-input-${name}`).locator('input');
	}

	async fill(fields: Record<string, string>): Promise<void> {
		for (const [name, value] of Object.entries(fields)) await this.field(name).fill(value);
	}

	/** Saves it, and waits until n8n has tested it; if that went well, n8n 2 closes a new one. */
	async save(): Promise<void> {
		const tested = this.page.waitForResponse(/\/rest\/credentials\/test$/);
		await this.dialog.getByTestId('credential-save-button').click();
		await tested;
	}

	/** Waits until n8n says that the connection works, and closes the dialog unless n8n did. */
	async closeTested(): Promise<void> {
		if (process.env.N8N_VERSION?.startsWith('1.')) {
			await expect(this.dialog).toContainText('Connection tested successfully');
			await this.close();
		}
		await expect(this.dialog).toBeHidden();
	}

	/** Waits until it says why its test failed. n8n leaves that unfolded, once it was. */
	async expectFailure(reason: string): Promise<void> {
		const folded = this.dialog.getByText('More details');
		await folded.or(this.dialog.getByText(reason)).first().waitFor();
		if (await folded.isVisible()) await folded.click();
		await expect(this.dialog).toContainText(reason);
	}

	async close(): Promise<void> {
		await this.closeButton.click();
		await expect(this.dialog).toBeHidden();
	}
}

async function finished(
	page: Page,
	rest: N8nRest,
	button: Locator,
	label: string,
): Promise<Execution> {
	const started = page.waitForResponse(
		(response) => response.request().method() === 'POST' && /\/run$/.test(response.url()),
	);
	await button.click();
	const { data } = (await (await started).json()) as { data: { executionId: string } };
	const execution = await rest.finished(data.executionId);
	await expect(button).toHaveText(label);
	return execution;
}
