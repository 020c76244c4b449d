/* eslint-disable no-console -- runs in Node on a developer's machine, never inside n8n */
import { prepareN8n } from './install';

// Only downloads and builds what `npm run n8n`, the end-to-end tests and the benchmark need.
void prepareN8n(console.log);
