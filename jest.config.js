const { existsSync } = require('node:fs');
const path = require('node:path');

// `npm run test:compat` names the n8n whose n8n-core the package is to run in; see test/compat.
const { N8N_VERSION } = process.env;
const modules = N8N_VERSION && path.join(__dirname, 'test', 'compat', N8N_VERSION, 'node_modules');
if (modules && !existsSync(modules)) throw new Error(`${modules} is not there.`);

/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	// Many tests wait for timers and sockets. By default, one core would stay idle.
	maxWorkers: '100%',
	testMatch: ['<rootDir>/test/{unit,engine,package}/**/*.test.ts'],
	// The one copy of each for the tests, the built package and n8n-core itself, as within n8n.
	moduleNameMapper: modules ? { '^(n8n-core|n8n-workflow)$': path.join(modules, '$1') } : {},
	transform: {
		'\\.[tj]s$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
		],
	},
	// ECMAScript modules: those of the tests, and those of the older n8n-core.
	transformIgnorePatterns: [
		'/node_modules/(?!(github-slugger|marked|p-map|p-retry|is-network-error)/)',
	],
	// A busy machine is slow; what a test waits for has limits of its own.
	testTimeout: 180_000,
	setupFiles: ['<rootDir>/test/support/environment.ts'],
};
