/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node before n8n-core is loaded, never inside n8n */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core writes an encryption key to the home folder of its user, and logs to the console.
process.env.N8N_USER_FOLDER = join(tmpdir(), 'n8n-nodes-videosdk');
process.env.N8N_LOG_LEVEL = 'silent';
