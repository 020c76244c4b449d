/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node beside the tests, never inside n8n */
import { scan } from '../support/scan';

/**
 * Prints what n8n's scanner finds in a checkout and in unpacked packages, as a list for each. It
 * runs in a process of its own: the scanner is an ECMAScript module, which jest cannot load, and
 * its rules look at more files than they should where they find themselves in a test.
 */
async function printFindings() {
	const [checkout = '', ...packages] = process.argv.slice(2);
	const findings = [await scan(checkout, 'source')];
	for (const folder of packages) findings.push(await scan(folder, 'shipped'));
	console.log(JSON.stringify(findings));
}

void printFindings();
