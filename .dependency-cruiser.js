/**
 * The layers of the node, from the top. What is in one is imported only from above.
 * docs/architecture.md has the picture.
 */
const layers = [
	['[^/]+\\.node\\.ts$'],
	['resources/', 'trigger/', 'listSearch/'],
	['events/'],
	['fields/'],
	['execution/'],
	['errors/'],
	['api/'],
	['http/'],
	['shared/'],
];

const inNode = (paths) => `^nodes/VideoSdk/(${paths.join('|')})`;

/** A part of a layer may import itself and the layers below. */
const downwardOnly = layers.flatMap((parts, place) =>
	parts.map((part) => ({
		name: `downward-from-${part.replace(/\W/g, '') || 'node'}`,
		comment: 'Import from a layer below, or move what both need down a layer.',
		severity: 'error',
		from: { path: inNode([part]) },
		to: {
			path: '^nodes/',
			pathNot: inNode([...(place === 0 ? [] : [part]), ...layers.slice(place + 1).flat()]),
		},
	})),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		...downwardOnly,
		{
			name: 'in-a-layer',
			comment: 'Give it a place on one of the layers.',
			severity: 'error',
			from: { path: '^nodes/', pathNot: inNode(layers.flat()) },
			to: {},
		},
		{
			name: 'no-resource-in-another',
			comment: 'Move what both need to resources/shared/, or further down.',
			severity: 'error',
			from: { path: '^nodes/VideoSdk/resources/([^/]+)/' },
			to: {
				path: '^nodes/VideoSdk/resources/[^/]+/',
				pathNot: '^nodes/VideoSdk/resources/($1|shared)/',
			},
		},
		{
			name: 'nothing-that-helps-us-in-n8n',
			comment:
				'What runs inside n8n stands alone; the node and the credential know each other by name.',
			severity: 'error',
			from: { path: '^(nodes|credentials)/' },
			to: { path: '^(?!$1/)(nodes|credentials|dev|scripts|test)/' },
		},
		{
			name: 'dev-stands-alone',
			comment: 'Tests and scripts import dev/, not the other way.',
			severity: 'error',
			from: { path: '^dev/' },
			to: { path: '^(scripts|test)/' },
		},
		{
			name: 'no-circle',
			comment: 'Move what both need into a file of its own. Types count too.',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		exclude: { path: 'node_modules' },
	},
};
