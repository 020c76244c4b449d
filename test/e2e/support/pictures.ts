/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { checkout } from '../../../dev/n8n/packed';

const { PICTURES } = process.env;

/** The window of a film, small enough for its text to be read in the README. */
const viewport = { width: 1050, height: 670 };
/** The height of the caption below it. */
const captionHeight = 44;

const inDocs = (file: string) => join(checkout, 'docs', file);

/** Takes a picture for docs/, where the README shows it. */
export async function picture(name: string, of: Locator): Promise<void> {
	const image = await of.screenshot({ path: inDocs(`${name}.png`), animations: 'disabled' });
	// A picture of nothing is a few hundred bytes.
	expect(image.length).toBeGreaterThan(5_000);
}

/**
 * An animated picture of what a test does on a page, with the mouse pointer in it. Without PICTURES=1
 * nothing is taken, moved or waited for.
 */
export class Film {
	/** Stands below what is taken from now on. */
	caption = '';
	private readonly frames: Array<{ image: Buffer; caption: string; seconds: number }> = [];

	private constructor(private readonly page: Page) {}

	/** Begins a film of a page. */
	static async of(page: Page): Promise<Film> {
		if (PICTURES) {
			await page.setViewportSize(viewport);
			await page.screencast.showActions({ cursor: 'pointer', style: { title: 'display: none' } });
		}
		return new Film(page);
	}

	/** Shows the pointer on what the test clicks next. */
	async before(target: Locator, seconds = 1.5): Promise<void> {
		if (!PICTURES) return;
		await target.hover();
		await this.take(seconds);
	}

	/** Shows the page as soon as something is to be seen on it. */
	async once(visible: Locator, seconds = 2): Promise<void> {
		if (!PICTURES) return;
		await expect(visible).toBeVisible({ timeout: 60_000 });
		await this.take(seconds);
	}

	/** Does what only the film needs. */
	async prepare(action: () => Promise<void>): Promise<void> {
		if (PICTURES) await action();
	}

	/** Writes the film to docs/. */
	async save(name: string): Promise<void> {
		if (!PICTURES) return;
		// Only here, since nothing else needs it.
		const { default: sharp } = await import('sharp');
		const frames = await Promise.all(
			this.frames.map(async ({ image, caption }) => {
				const text = `<svg width="${viewport.width}" height="${captionHeight}">
					<text x="20" y="29" font-family="sans-serif" font-size="20" font-weight="bold" fill="#fff">${caption}</text>
				</svg>`;
				return await sharp(image)
					.extend({ bottom: captionHeight, background: '#101330' })
					.composite([{ input: Buffer.from(text), gravity: 'south' }])
					.png()
					.toBuffer();
			}),
		);
		const delay = this.frames.map(({ seconds }) => seconds * 1_000);
		await sharp(frames, { join: { animated: true } })
			.webp({ delay, loop: 0, lossless: true, effort: 6 })
			.toFile(inDocs(`${name}.webp`));
	}

	private async take(seconds: number): Promise<void> {
		await this.page.waitForLoadState('networkidle');
		const image = await this.page.screenshot({
			animations: 'disabled',
			// What n8n says in a corner for some seconds covers what is there.
			style: '.el-notification { visibility: hidden }',
		});
		this.frames.push({ image, caption: this.caption, seconds });
	}
}
