/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { checkout } from '../dev/n8n/packed';
import { pack } from '../test/support/pack';
import { scan } from '../test/support/scan';

/** Runs n8n's scanner on the source and on the packed artifact. Any finding makes it fail. */
async function verify() {
	const packed = await pack();
	try {
		const findings = [
			...(await scan(checkout, 'source')),
			...(await scan(packed.folder, 'shipped')),
		];
		findings.forEach((finding) => console.log(finding));
		console.log(`n8n's scanner, source and packed artifact: ${findings.length} errors or warnings`);
		process.exitCode = findings.length === 0 ? 0 : 1;
	} finally {
		await packed.remove();
	}
}

void verify();
