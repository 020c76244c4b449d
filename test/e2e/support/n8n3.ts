/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */

/**
 * Settings for n8n 2.41 that n8n 3 has by default (docs.n8n.io, "n8n 3.0 breaking changes"), if
 * `npm run test:compat` asks for them. That binary data is not kept in memory needs no setting: it is the
 * default of 2.41, too. SSRF protection is off by default in both, but it is what n8n 3 tightens.
 */
export const n8n3Defaults: NodeJS.ProcessEnv = process.env.DEFAULTS_OF_N8N_3
	? {
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			N8N_UNVERIFIED_PACKAGES_ENABLED: 'false',
			N8N_RUNNERS_TASK_TIMEOUT: '60',
			N8N_SSRF_PROTECTION_ENABLED: 'true',
			N8N_SSRF_BLOCKED_IP_RANGES: 'default,100.64.0.0/10',
			// Where the fake VideoSDK and n8n itself are.
			N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.0/8',
		}
	: {};
