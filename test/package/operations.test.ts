/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { checkout } from '../../dev/n8n/packed';
import { VideoSdk } from '../../nodes/VideoSdk/VideoSdk.node';

const { properties } = new VideoSdk().description;

const optionsOf = (property?: INodeProperties) =>
	(property?.options ?? []) as INodePropertyOptions[];

const resources = optionsOf(properties.find(({ name }) => name === 'resource'));

test.each(resources)(
	'the table in the README lists every operation of $name',
	async ({ name: resource, value }) => {
		const operations = properties.find(
			({ name, displayOptions }) =>
				name === 'operation' && displayOptions?.show?.resource?.includes(value),
		);
		const readme = await readFile(join(checkout, 'README.md'), 'utf8');
		const [, rest = ''] = readme.split(`\n| ${resource} `);
		// Up to the next resource, or the end of the table.
		const [rows = ''] = rest.split(/\n(?!\|\s+\|)/);
		const names = [...rows.matchAll(/\[([^\]]+)\]\(docs/g)].flatMap(([, text = '']) =>
			text.split(', '),
		);
		expect(names.sort()).toEqual(
			optionsOf(operations)
				.map(({ name }) => name)
				.sort(),
		);
	},
);
