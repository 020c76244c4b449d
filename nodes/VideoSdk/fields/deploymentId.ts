import type { INodeProperties } from 'n8n-workflow';
import { type DeploymentVersion, parseVersion } from '../api/deployments';
import { quotable } from '../shared/quotable';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/work';
import { fieldOf, type Source, readOptionalText, readText, type TextField, valueIn } from './text';

/** Makes the resource locator for a deployment. @param searchListMethod lists its entries */
const locator = (searchListMethod: string): INodeProperties => ({
	displayName: 'Deployment',
	name: 'deploymentId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description: 'The agent deployment: choose it from the list, or enter its ID',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a deployment…',
			typeOptions: { searchListMethod, searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 2f5f787c-0396-4ae0-929c-f5853628267a',
		},
	],
});

/** The resource locator for a deployment, or for one version of it. */
export const deploymentIdField = locator('searchDeployments');

/** The resource locator for one version of a deployment. */
export const versionField = locator('searchVersions');

/** The field for the version of a deployment. */
export const tagField: INodeProperties = {
	displayName: 'Tag',
	name: 'tag',
	type: 'string',
	default: '',
	placeholder: 'e.g. v1.0',
};

const tagTextOf = (collection?: string): TextField => ({
	...fieldOf(tagField, collection),
	name: 'tag',
	nextStep: "Choose a version in 'Deployment', or enter its tag in 'Tag', such as v1.0.",
});

/** Reads a tag that is required. @throws InvalidInput, as `readText` does */
export const readTag = (source: Source, value: unknown): string =>
	readText(source, value, tagTextOf());

/** What the value of an entry with a tag has in it. */
const WITH_TAG = '?tag=';

/** Hides the field of the tag if the entry that is picked has a tag. */
export const hiddenIfPicked = { hide: { deploymentId: [{ _cnd: { includes: WITH_TAG } }] } };

/** Returns the value of the field of the tag, which cannot be read while n8n hides it. */
function enteredTag(item: Item): unknown {
	const isHidden = String(valueIn(item.rawParameter('deploymentId'))).includes(WITH_TAG);
	return isHidden ? undefined : item.parameter(tagField.name);
}

/**
 * Reads a deployment, or one version of it, from the value of its field.
 *
 * @throws InvalidInput, as `readText` does
 */
export function readVersionIn(item: Item, value: unknown, text: TextField): DeploymentVersion {
	const { deploymentId, tag } = parseVersion(readText(item, value, text));
	return {
		deploymentId: readText(item, deploymentId, text),
		tag: tag === undefined ? undefined : readText(item, tag, text),
	};
}

/**
 * Takes the tag of a picked entry, or that of the field 'Tag'.
 *
 * @param picked the tag of the entry
 * @param entered the value of the field
 * @param collection that the field is in
 * @returns undefined if there is neither
 * @throws InvalidInput if they differ
 */
export function agreedTag(
	source: Source,
	picked: string | undefined,
	entered: unknown,
	collection?: string,
): string | undefined {
	const tag = readOptionalText(source, entered, tagTextOf(collection));
	if (picked === undefined || tag === undefined || picked === tag) return picked ?? tag;
	throw new InvalidInput(
		`In 'Deployment', version "${quotable(picked)}" is chosen, but 'Tag' is "${quotable(tag)}"`,
		`${collection === 'filters' ? "Remove the filter 'Tag'" : "Clear 'Tag'"}, or choose the version that you want in 'Deployment'.`,
	);
}

/**
 * Reads the deployment of an item, and its tag, if the picked entry or the field 'Tag' has one.
 *
 * @param more a sentence added to the next step of an error
 * @throws InvalidInput, as `readText` and `agreedTag` do
 */
export function readDeployment(item: Item, more = ''): DeploymentVersion {
	const { deploymentId, tag } = readVersionIn(item, item.parameter(deploymentIdField.name), {
		...fieldOf(deploymentIdField),
		name: 'deployment ID',
		nextStep: `In 'Deployment', choose one from the list or enter its ID. ${more}`.trim(),
	});
	return { deploymentId, tag: agreedTag(item, tag, enteredTag(item)) };
}
