/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node beside the tests, never inside n8n */
import { scan } from '../support/scan';

/**
 * Prints what n8n's scanner finds in an unpacked package. It runs in a process of its own: the scanner is
 * an ECMAScript module, which jest cannot load, and its rules look at more files than they should where
 * they find themselves in a test.
 */
async function printFindings(folder = '') {
	console.log((await scan(folder, 'shipped')).join('\n'));
}

void printFindings(process.argv[2]);
