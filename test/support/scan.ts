import { ESLint, type Linter } from 'eslint';

/** The parts of n8n's scanner that are used; it has no types. */
interface Scanner {
	buildScanConfig(): Promise<Linter.Config[]>;
	SOURCE_FILE_PATTERNS: string[];
}

/** What the scanner of n8n lints of a published package. */
const SHIPPED_FILE_PATTERNS = ['**/*.js', '**/*.ts', '**/*.json'];

/**
 * Scans a folder as n8n does before it verifies a package: with the scanner's own rules, and inline
 * disables ignored. The scanner's own `analyzePackage` passes over warnings; here they count.
 *
 * @param leg `source` for a checkout, `shipped` for an unpacked tarball
 * @returns one line for each error or warning; none means that it passes
 */
export async function scan(folder: string, leg: 'source' | 'shipped'): Promise<string[]> {
	const scannerPath = '@n8n/scan-community-package/scanner/scanner.mjs';
	const { buildScanConfig, SOURCE_FILE_PATTERNS } = (await import(scannerPath)) as Scanner;
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		errorOnUnmatchedPattern: false,
		overrideConfig: await buildScanConfig(),
	});
	const results = await eslint.lintFiles(
		leg === 'source' ? SOURCE_FILE_PATTERNS : SHIPPED_FILE_PATTERNS,
	);
	if (results.length === 0) throw new Error(`There is nothing to scan in ${folder}.`);
	return results.flatMap(({ filePath, messages }) =>
		messages.map(
			({ line, severity, message, ruleId }) =>
				`${filePath}:${line} ${severity === 2 ? 'error' : 'warning'} ${message} (${ruleId})`,
		),
	);
}
