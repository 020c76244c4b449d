const config = require('./jest.config.js');

process.env.HOSTILE_REQUESTS ??= '100';

/**
 * The tests that mutated code is run through: those that need no packed package, but for the long
 * runs, which repeat what shorter ones test, and the tests of the stand-in.
 */
module.exports = {
	...config,
	setupFiles: [...config.setupFiles, '<rootDir>/test/support/shortRuns.ts'],
	testMatch: ['<rootDir>/test/{unit,engine}/**/*.test.ts'],
	testPathIgnorePatterns: ['/(faults|batch|trigger-vendor|videosdk-api)\\.test\\.ts$'],
};
