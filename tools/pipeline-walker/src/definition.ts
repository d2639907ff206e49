import { isDeepStrictEqual } from 'node:util';
import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';

/** How two definitions of a pipeline differ. */
export interface DefinitionChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Stages that both have, with other settings or actions. */
  readonly changed: readonly string[];
  /** Whether anything but the stages differs: artifact store, variables, role. */
  readonly settings: boolean;
}

/**
 * What differs between two definitions; undefined if nothing does. Their version numbers do not count: each update
 * of the stack makes a new one.
 */
export function compareDefinitions(
  before: PipelineDeclaration,
  after: PipelineDeclaration,
): DefinitionChange | undefined {
  const [older, newer] = [byName(before), byName(after)];
  const change = {
    added: [...newer.keys()].filter((name) => !older.has(name)),
    removed: [...older.keys()].filter((name) => !newer.has(name)),
    changed: [...newer]
      .filter(([name, stage]) => older.has(name) && !same(older.get(name), stage))
      .map(([name]) => name),
    settings: !same(settingsOf(before), settingsOf(after)),
  };
  const moved = !same([...older.keys()], [...newer.keys()]);
  const any = moved || change.settings || change.changed.length > 0;
  return any ? change : undefined;
}

/** `added Prod, removed Test, changed Deploy` */
export function describeChange({ added, removed, changed, settings }: DefinitionChange): string {
  const parts = [
    added.length > 0 ? `added ${added.join(', ')}` : '',
    removed.length > 0 ? `removed ${removed.join(', ')}` : '',
    changed.length > 0 ? `changed ${changed.join(', ')}` : '',
    settings ? 'changed settings' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'its stages have another order' : parts.join(', ');
}

/**
 * The stages of a definition that come after those that were walked.
 *
 * @param done names of the stages that were walked, in order; one that is gone does not hide those after it
 */
export function stagesAfter(definition: PipelineDeclaration, done: readonly string[]): StageDeclaration[] {
  const stages = definition.stages ?? [];
  const last = Math.max(-1, ...done.map((name) => stages.findIndex((stage) => stage.name === name)));
  return stages.slice(last + 1);
}

/** The actions of a stage in the groups that run one after the other: those of equal run order together. */
export function runGroups(stage: StageDeclaration): ActionDeclaration[][] {
  const groups = Map.groupBy(stage.actions ?? [], ({ runOrder }) => runOrder ?? 1);
  return [...groups].toSorted(([one], [other]) => one - other).map(([, actions]) => actions);
}

/** Number of actions of some stages. */
export function countActions(stages: readonly StageDeclaration[]): number {
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
  return isDeepStrictEqual(plain(one), plain(other));
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
