/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { checkout, pack } from '../test/support/pack';
import { scan } from '../test/support/scan';

/** Scans the source, and the package as it would be published. */
async function scanBoth(): Promise<string[]> {
	const packed = await pack();
	try {
		return [...(await scan(checkout, 'source')), ...(await scan(packed.folder, 'shipped'))];
	} finally {
		await packed.remove();
	}
}

/** Runs n8n's scanner on both, or on the folder of an unpacked package. Any finding makes it fail. */
async function verify() {
	const [folder] = process.argv.slice(2);
	const findings = folder ? await scan(folder, 'shipped') : await scanBoth();
	findings.forEach((finding) => console.log(finding));
	const scanned = folder ?? 'source and packed artifact';
	console.log(`n8n's scanner, ${scanned}: ${findings.length} errors or warnings`);
	process.exitCode = findings.length === 0 ? 0 : 1;
}

void verify();
