/* eslint-disable @n8n/community-nodes/no-restricted-globals -- read by the tests, never inside n8n */
import fc from 'fast-check';

// The same values on each run, so that a test fails by a change and not by chance.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.SEED ?? 1) });

export default fc;
