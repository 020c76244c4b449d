/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node beside the tests, never inside n8n */
import { scan } from '../support/scan';

/** Prints what n8n's scanner finds, as JSON: it is an ECMAScript module, which jest cannot load. */
async function printFindings() {
	const [folder = '', leg] = process.argv.slice(2);
	console.log(JSON.stringify(await scan(folder, leg === 'source' ? 'source' : 'shipped')));
}

void printFindings();
