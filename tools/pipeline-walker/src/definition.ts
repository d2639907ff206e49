import { isDeepStrictEqual } from 'node:util';
import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';

/**
 * How two definitions of a pipeline differ: `added Prod, removed Test, changed Deploy`. Undefined if they do not; their
 * version numbers do not count, as each update of the stack makes a new one.
 */
export function describeChange(before: PipelineDeclaration, after: PipelineDeclaration): string | undefined {
  const [older, newer] = [byName(before), byName(after)];
  const stages = {
    added: [...newer.keys()].filter((name) => !older.has(name)),
    removed: [...older.keys()].filter((name) => !newer.has(name)),
    changed: [...newer.keys()].filter((name) => older.has(name) && !same(older.get(name), newer.get(name))),
  };
  const changes = Object.entries(stages)
    .filter(([, names]) => names.length > 0)
    .map(([how, names]) => `${how} ${names.join(', ')}`);
  if (!same(settingsOf(before), settingsOf(after))) changes.push('changed settings');
  if (changes.length > 0) return changes.join(', ');
  return same([...older.keys()], [...newer.keys()]) ? undefined : 'its stages have another order';
}

/**
 * The stages of a definition that come after those that were walked.
 *
 * @param done names of the stages that were walked, in order; some may be gone
 */
export function stagesAfter({ stages = [] }: PipelineDeclaration, done: readonly string[]): StageDeclaration[] {
  const last = Math.max(-1, ...done.map((name) => stages.findIndex((stage) => stage.name === name)));
  return stages.slice(last + 1);
}

/** The actions of a stage in groups of equal run order, which run one group after the other. */
export function runGroups(stage: StageDeclaration): ActionDeclaration[][] {
  const groups = Map.groupBy(stage.actions ?? [], ({ runOrder }) => runOrder ?? 1);
  return [...groups].toSorted(([one], [other]) => one - other).map(([, actions]) => actions);
}

/** Number of actions of some stages. */
export function countActions(stages: readonly StageDeclaration[] = []): number {
  return stages.reduce((sum, { actions }) => sum + (actions?.length ?? 0), 0);
}

function byName({ stages = [] }: PipelineDeclaration): Map<string, StageDeclaration> {
  return new Map(stages.map((stage) => [stage.name!, stage]));
}

function settingsOf({ version: _, stages: __, ...settings }: PipelineDeclaration): object {
  return settings;
}

/** Absent and undefined are the same, as they are in the API. */
function same(one: unknown, other: unknown): boolean {
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return isDeepStrictEqual(plain(one), plain(other));
}
