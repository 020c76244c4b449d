const { execFile } = require('node:child_process');
const { rm } = require('node:fs/promises');
const path = require('node:path');
const { promisify } = require('node:util');
const { cyclonedxEsbuildPlugin } = require('@cyclonedx/cyclonedx-esbuild');
const { build } = require('esbuild');
const { default: licensePlugin } = require('esbuild-plugin-license');
const { dest, parallel, series, src, watch } = require('gulp');
const packageJson = require('./package.json');

/**
 * What replaces imports of Node.js modules in jsonwebtoken.
 *
 * n8n Cloud allows a community node no runtime dependency, no import of `buffer`, `stream` or
 * `util`, and no `process`. Signing with HS256 needs none of them: the imports below are for the
 * streams of jws, and for checks of Node.js versions that n8n no longer runs on. So the library is
 * bundled, and these imports are replaced by the little that its synchronous `sign` uses when it is
 * loaded. Each replacement is only for the packages named here: a library that is bundled later must
 * not get half of a module unnoticed.
 */
const replacements = {
	// The global is the same object, and needs no import.
	buffer: {
		of: ['buffer-equal-constant-time', 'jws', 'safe-buffer'],
		contents: 'exports.Buffer = Buffer;',
	},
	// jws defines its stream classes when it is loaded, but `sign` does not use them.
	stream: { of: ['jws'], contents: 'module.exports = function Stream() {};' },
	'./data-stream': { of: ['jws'], contents: 'module.exports = function DataStream() {};' },
	util: {
		of: ['jwa', 'jws'],
		contents: `
			exports.inherits = (constructor, parent) => Object.setPrototypeOf(constructor.prototype, parent.prototype);
			exports.format = (template, ...values) => template.replace(/%s/g, () => values.shift());
		`,
	},
	// Only used to check that Node.js is newer than 6.12, 15.7 and 16.9.
	semver: { of: ['jsonwebtoken'], contents: 'exports.satisfies = () => true;' },
};

/** The package that a file belongs to, also if packages are nested. */
const packageOf = (file) => /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];

const signOnly = {
	name: 'jsonwebtoken-sign-only',
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /.*/ }, ({ path, importer }) =>
			replacements[path]?.of.includes(packageOf(importer))
				? { path, namespace: 'replacement' }
				: undefined,
		);
		onLoad({ filter: /.*/, namespace: 'replacement' }, ({ path }) => ({
			contents: replacements[path].contents,
		}));
	},
};

/**
 * The node and the trigger are separate bundles, but the limits of VideoSDK apply to the requests of
 * both. So this file is in neither bundle: both load the same one.
 */
const SHARED = 'nodes/VideoSdk/http/requestQueue.ts';

const shared = {
	name: 'shared-by-the-nodes',
	setup({ onResolve }) {
		onResolve({ filter: /\/requestQueue$/ }, () => ({
			// As the nodes see it from their folder.
			path: SHARED.replace('nodes/VideoSdk', '.').replace(/\.ts$/, '.js'),
			external: true,
		}));
	},
};

const LICENSES = 'THIRD-PARTY-LICENSES.txt';

/** The licences of the bundled packages, which have to be shipped with them. */
const licenses = licensePlugin({
	banner: `/* The licences of what is bundled here are in dist/${LICENSES}. */`,
	thirdParty: {
		output: {
			file: LICENSES,
			template: (dependencies) =>
				dependencies
					.map(({ packageJson: { name, version, license }, licenseText }) => {
						if (!licenseText)
							throw new Error(`${name} is bundled, and has no file with its licence.`);
						return `${name} ${version} (${license})\n\n${licenseText.trim()}\n`;
					})
					.join(`\n${'-'.repeat(80)}\n\n`),
		},
	},
});

const clean = () => rm('dist', { recursive: true, force: true });

const typeCheck = () =>
	promisify(execFile)(process.execPath, [require.resolve('typescript/bin/tsc')]).catch((error) => {
		throw new Error(error.stdout || error.message);
	});

/** One file for each node and credential that n8n loads, with everything in it but n8n's modules. */
const bundleOptions = {
	entryPoints: [
		...[...packageJson.n8n.credentials, ...packageJson.n8n.nodes].map((file) =>
			file.replace(/^dist\//, '').replace(/\.js$/, '.ts'),
		),
		SHARED,
	],
	outdir: 'dist',
	outbase: '.',
	bundle: true,
	platform: 'node',
	target: 'node20',
	external: ['n8n-workflow'],
	// acorn would warn of a setting that is missing, and n8n's scanner refuses a console.
	define: { 'process.version': '""', console: 'undefined' },
	plugins: [signOnly, shared],
	legalComments: 'none',
	charset: 'utf8',
};

const bundle = () => build({ ...bundleOptions, plugins: [signOnly, shared, licenses] });

const BOM = '.tmp/bom.json';

/** Writes a CycloneDX bill of materials of what is bundled, which is part of a release. */
const bom = () =>
	build({
		...bundleOptions,
		write: false,
		plugins: [
			signOnly,
			shared,
			cyclonedxEsbuildPlugin({ outputFile: path.resolve(BOM), outputReproducible: true }),
		],
	});

/** Copies icons, codex files and output samples, which n8n expects beside the code. */
const assets = () =>
	src(['icons/*.svg', 'nodes/**/*.json'], { base: '.', encoding: false }).pipe(dest('dist'));

const sources = ['credentials/**', 'nodes/**', 'icons/**'];

/** Copies the build to a running n8n, which reloads it. INSTALLED is the folder of the package there. */
const deliver = () =>
	src('dist/**', { encoding: false }).pipe(dest(`${process.env.INSTALLED}/dist`));

/** Builds and delivers after each change. Types are not checked: the editor does that. */
exports.watch = () => watch(sources, series(parallel(bundle, assets), deliver));

exports.bom = bom;
/** For the tests. */
exports.bundleOptions = bundleOptions;
/** For mutated code, which has type errors. */
exports.buildUnchecked = series(clean, parallel(bundle, assets));
exports.build = series(clean, parallel(typeCheck, bundle, assets));
exports.default = exports.build;
