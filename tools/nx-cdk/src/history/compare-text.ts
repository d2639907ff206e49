import { count, oneLine } from '../progress/index.ts';
import { shortRelease } from '../release/index.ts';
import type { Change, ComparedResource, ReleaseComparison } from './compare.ts';
import type { ComparedDependencies, ComparedPackage } from './dependencies.ts';

const SIGNS: Readonly<Record<Change, string>> = { added: '+', removed: '-', modified: '~' };

/** What people read of two releases: the stacks, what differs in each, and what else differs. No values. */
export function comparisonAsText(
  { from, to, stacks, assets, tools, manifests }: ReleaseComparison,
  dependencies?: ComparedDependencies,
): string {
  if (from === to) return `Both are release ${shortRelease(from)}.`;
  const differ = `${count(stacks.length, 'stack')} differ${stacks.length === 1 ? 's' : ''}`;
  const title = `From release ${shortRelease(from)} to ${shortRelease(to)}: ${differ}.`;
  const ofStacks = stacks.flatMap(({ id, change, resources, sections }) => [
    `${SIGNS[change]} ${id}: ${changesAsText(resources)}${sections.length > 0 ? `; ${sections.join(', ')}` : ''}`,
    ...resources.map((one) => `    ${SIGNS[one.change]} ${nameOf(one)}`),
  ]);
  const kinds = (['file', 'image'] as const).flatMap((kind) => {
    const own = assets.filter((one) => one.kind === kind);
    return own.length === 0 ? [] : [`Assets (${kind}s): ${changesAsText(own)}`];
  });
  const versions = tools.map(
    ({ name, from: before = 'none', to: after = 'none' }) => `  ${name}: ${before} -> ${after}`,
  );
  const how = manifests.map(({ path, change }) => `  ${SIGNS[change]} ${path}`);
  return [
    title,
    ...ofStacks,
    ...kinds,
    ...(versions.length > 0 ? ['Tools:', ...versions] : []),
    ...(dependencies === undefined ? [] : dependenciesAsText(dependencies)),
    ...(how.length > 0 ? ['Manifests, which say tags, roles and where assets go:', ...how] : []),
  ]
    .map((line) => line.slice(0, line.length - line.trimStart().length) + oneLine(line.trimStart()))
    .join('\n');
}

/** Those that somebody asked for by name; of the others only how many. */
function dependenciesAsText({ from, to, packages, unknown }: ComparedDependencies): string[] {
  if (unknown !== undefined) return [`Dependencies: what differs is not known, since ${unknown}.`];
  const [before, after] = [from!, to!].map(({ commit, edited }) => commit.slice(0, 12) + (edited ? ' and edits' : ''));
  if (before === after) return [`Dependencies: both were published from commit ${before}.`];
  const commits = `the lockfiles of commits ${before} and ${after}`;
  if (packages.length === 0) return [`Dependencies: none differs between ${commits}.`];
  const direct = packages.filter(({ isDirect }) => isDirect);
  const others = packages.length - direct.length;
  const more =
    others === 0 ? [] : [`  ${count(others, direct.length === 0 ? 'package' : 'more package')} that others need`];
  return [`Dependencies, by ${commits}:`, ...direct.map((one) => `  ${packageAsText(one)}`), ...more];
}

/** `aws-cdk-lib: 2.200.0 -> 2.210.0` */
function packageAsText({ name, from, to }: ComparedPackage): string {
  const [before, after] = [from, to].map((versions) => versions.join(', ') || 'none');
  return `${name}: ${before} -> ${after}`;
}

/** `Data/Queue (AWS::SQS::Queue, DataQueue1A2B)`, without the path if the template has none. */
function nameOf({ constructPath, logicalId, type }: ComparedResource): string {
  return constructPath === undefined ? `${logicalId} (${type})` : `${constructPath} (${type}, ${logicalId})`;
}

/** `2 added, 1 modified` */
function changesAsText(changes: readonly { readonly change: Change }[]): string {
  const counts = (['added', 'removed', 'modified'] as const).flatMap((change) => {
    const number = changes.filter((one) => one.change === change).length;
    return number === 0 ? [] : [`${number} ${change}`];
  });
  return counts.join(', ') || 'no resource differs';
}
