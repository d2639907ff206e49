import { count, type ItemEnd } from '../progress/index.ts';
import type { DriftedProperty, DriftedResource, StackDrift, StackResource } from './model.ts';

/** Characters of a value in a line; the whole of it is in the report. */
const LONGEST_VALUE = 200;

/** How many resources that cannot be checked a line names. */
const NAMED = 5;

/** How the display shows what was found out about a stack. */
export function endOf(drift: StackDrift): ItemEnd {
  const { outcome, resources, notChecked, reason, failure } = drift;
  const lines = [...resources.flatMap(resourceLines), ...notCheckedLines(notChecked)];
  switch (outcome) {
    case 'not-deployed':
      return { outcome: 'never', detail: 'it is not deployed' };
    case 'skipped':
      return { outcome, detail: reason };
    case 'failed':
      return { outcome, detail: failure?.message, lines, failure };
    case 'in-sync':
      return { outcome: 'unchanged', detail: 'it is as it was deployed', lines };
    case 'drifted':
      return { outcome, detail: countsOf(resources), lines };
  }
}

/** `Queue (AWS::SQS::Queue, staging/Data/Queue, app.ts:14)` */
export function nameOf({ logicalId, resourceType, nestedIn, constructPath, source }: StackResource): string {
  const name = [nestedIn, logicalId].filter((part) => part !== undefined).join('/');
  return `${name} (${[resourceType, constructPath, source].filter(Boolean).join(', ')})`;
}

/** `2 resources changed, 1 deleted` */
function countsOf(resources: readonly DriftedResource[]): string {
  const [modified, deleted] = (['modified', 'deleted'] as const).map(
    (status) => resources.filter((resource) => resource.status === status).length,
  );
  return [
    ...(modified ? [`${count(modified, 'resource')} changed`] : []),
    ...(deleted ? [`${modified ? deleted : count(deleted, 'resource')} deleted`] : []),
  ].join(', ');
}

const VERBS = { modified: 'changed', deleted: 'deleted', unknown: 'could not be read' };

function resourceLines(resource: DriftedResource): string[] {
  const { status, reason, properties } = resource;
  const why = reason === undefined ? '' : `: ${reason}`;
  return [`${VERBS[status]}: ${nameOf(resource)}${why}`, ...properties.map((property) => `  ${lineOf(property)}`)];
}

/** `VisibilityTimeout: 30 -> 60` */
function lineOf({ path, difference, expected, actual }: DriftedProperty): string {
  switch (difference) {
    case 'added':
      return `${path}: added ${textOf(actual)}`;
    case 'removed':
      return `${path}: removed ${textOf(expected)}`;
    case 'changed':
      return `${path}: ${textOf(expected)} -> ${textOf(actual)}`;
  }
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

function notCheckedLines(resources: readonly StackResource[]): string[] {
  if (resources.length === 0) return [];
  const names = resources.slice(0, NAMED).map(({ logicalId, resourceType }) => `${logicalId} (${resourceType})`);
  const more = resources.length > NAMED ? ` and ${resources.length - NAMED} more` : '';
  return [`CloudFormation does not check ${names.join(', ')}${more}`];
}
