const { execFile } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { promisify } = require('node:util');
const { build } = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const packageJson = require('./package.json');

/**
 * jsonwebtoken, seen from inside n8n.
 *
 * n8n Cloud allows a community node no runtime dependency, no import of `buffer`, `stream` or
 * `util`, and no `process`. Signing with HS256 needs none of them: the imports below belong to
 * the half of jws that reads and writes streams, and to checks for Node versions that n8n no
 * longer runs on. So the library goes into the bundle as it is, and these imports get the little
 * that its synchronous `sign` touches when it is loaded.
 */
const replacements = {
	// The global is the same object, and needs no import.
	buffer: 'exports.Buffer = Buffer;',
	// jws makes its stream classes when it is loaded, and uses them for streams only.
	stream: 'module.exports = function Stream() {};',
	'./data-stream': 'module.exports = function DataStream() {};',
	util: `
		exports.inherits = (constructor, parent) => Object.setPrototypeOf(constructor.prototype, parent.prototype);
		exports.format = (template, ...values) => template.replace(/%s/g, () => values.shift());
	`,
	// Asked only whether Node is newer than 6.12, 15.7 and 16.9.
	semver: 'exports.satisfies = () => true;',
};

const signOnly = {
	name: 'jsonwebtoken-sign-only',
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /.*/ }, ({ path, importer }) =>
			path in replacements && importer.includes('node_modules')
				? { path, namespace: 'replacement' }
				: undefined,
		);
		onLoad({ filter: /.*/, namespace: 'replacement' }, ({ path }) => ({
			contents: replacements[path],
		}));
	},
};

const clean = () => rm('dist', { recursive: true, force: true });

const typeCheck = () =>
	promisify(execFile)(process.execPath, [require.resolve('typescript/bin/tsc')]).catch((error) => {
		throw new Error(error.stdout || error.message);
	});

/** One file for each node and credential that n8n loads, with everything in it but n8n's own. */
const bundle = () =>
	build({
		entryPoints: [...packageJson.n8n.credentials, ...packageJson.n8n.nodes].map((file) =>
			file.replace(/^dist\//, '').replace(/\.js$/, '.ts'),
		),
		outdir: 'dist',
		outbase: '.',
		bundle: true,
		platform: 'node',
		target: 'node20',
		external: ['n8n-workflow'],
		define: { 'process.version': '""' },
		plugins: [signOnly],
		legalComments: 'none',
		charset: 'utf8',
	});

/** Icons, codex files and output samples: n8n looks for them beside the code. */
const assets = () =>
	src(['icons/*.svg', 'nodes/**/*.json'], { base: '.', encoding: false }).pipe(dest('dist'));

exports.build = series(clean, parallel(typeCheck, bundle, assets));
exports.default = exports.build;
