const config = require('./jest.config.js');

// Unit tests only: tests with n8n's engine load dist/, which Stryker does not mutate.
module.exports = {
	...config,
	testMatch: ['<rootDir>/test/unit/**/*.test.ts'],
	setupFiles: [...config.setupFiles, '<rootDir>/test/support/shortRuns.ts'],
};
