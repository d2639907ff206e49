import { count, oneLine } from '../progress/index.ts';
import { shortRelease } from '../release/index.ts';
import type { Change, ComparedResource, ReleaseComparison } from './compare.ts';

const SIGNS: Readonly<Record<Change, string>> = { added: '+', removed: '-', modified: '~' };

/** What people read of two releases: the stacks, what differs in each, and what else differs. No values. */
export function comparisonAsText({ from, to, stacks, assets, tools, manifests }: ReleaseComparison): string {
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
    ...(how.length > 0 ? ['Manifests, which say tags, roles and where assets go:', ...how] : []),
  ]
    .map((line) => line.slice(0, line.length - line.trimStart().length) + oneLine(line.trimStart()))
    .join('\n');
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
