const config = require('./jest.config.js');

process.env.HOSTILE_REQUESTS ??= '100';

module.exports = {
	...config,
	setupFiles: [...config.setupFiles, '<rootDir>/test/support/shortRuns.ts'],
};
