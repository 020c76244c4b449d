/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/{unit,engine,package}/**/*.test.ts'],
	transform: {
		'\\.[tj]s$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
		],
	},
	// p-map is the one ECMAScript module among what the tests import.
	transformIgnorePatterns: ['/node_modules/(?!p-map/)'],
	// A busy machine is slow; what a test waits for has limits of its own.
	testTimeout: 60_000,
	setupFiles: ['<rootDir>/test/support/environment.ts'],
};
