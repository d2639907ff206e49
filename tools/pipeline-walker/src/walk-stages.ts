import { randomUUID } from 'node:crypto';
import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';
import pLimit from 'p-limit';
import { Failure } from 'nx-cdk/failure';
import { ArtifactStore } from './artifact-store.ts';
import { compareDefinitions, countActions, describeChange, runGroups, stagesAfter } from './definition.ts';
import { readDefinition } from './find-pipeline.ts';
import { reportOf, type RunAction, runAction } from './run-action.ts';
import type { ActionReport } from './request.ts';
import type { Walk } from './walk.ts';

/** How far, and how many at a time. */
export interface WalkOptions {
  readonly approve: RunAction['approve'];
  readonly parallel: number;
  /** Name of the last stage to walk. */
  readonly until: string | undefined;
}

/** What a walk came to. */
export interface WalkEnd {
  readonly actions: readonly ActionReport[];
  /** How the pipeline changed itself, in words. */
  readonly changes: readonly string[];
}

/**
 * Walks a pipeline: stages in their order, the actions of a stage by their run order, those of equal run order side by
 * side. The first failure is the last that happens, besides what already runs.
 *
 * A pipeline may change itself on the way. AWS would then start again at the first stage, with the same commit
 * (`RestartExecutionOnUpdate`); here the walk goes on with the new definition behind the stages that it has done, which
 * comes to the same without doing them twice.
 *
 * @throws Failure `UnknownStage` if no stage has the name `until`
 */
export async function walkStages(
  first: Omit<Walk, 'definition' | 'store'>,
  start: PipelineDeclaration,
  options: WalkOptions,
): Promise<WalkEnd> {
  requireStage(start, options.until);
  const name = start.name ?? '';
  const { signal, listener } = first;
  const reports: ActionReport[] = [];
  const changes: string[] = [];
  const done: string[] = [];
  let definition = start;
  first.namespaces.set('variables', variablesOf(definition));
  first.namespaces.set('codepipeline', { PipelineExecutionId: randomUUID() });
  for (;;) {
    const left = upTo(stagesAfter(definition, done), done, options.until);
    const stage = left[0];
    const stopped = signal?.aborted === true || reports.some(isFailed);
    if (stage === undefined || stopped) {
      reports.push(
        ...left.flatMap((one) =>
          runGroups(one)
            .flat()
            .map((action) => reportOf(one, action)),
        ),
      );
      return { actions: reports, changes };
    }
    const walk: Walk = { ...first, definition, store: new ArtifactStore(definition, first.region, first.clients) };
    reports.push(...(await walkStage(walk, stage, options)));
    done.push(stage.name!);
    if (signal?.aborted || reports.some(isFailed)) continue;
    const now = await readDefinition(first.clients, first.caller, name);
    const change = compareDefinitions(definition, now);
    if (change === undefined) continue;
    const text = describeChange(change);
    changes.push(text);
    const rest = countActions(upTo(stagesAfter(now, done), done, options.until));
    listener({
      type: 'message',
      level: 'info',
      text: `The pipeline has changed itself: ${text}. The walk goes on with the new definition after ${stage.name}, ${rest} ${rest === 1 ? 'action' : 'actions'} left; AWS would start again at ${now.stages?.[0]?.name} with the same commit.`,
    });
    definition = now;
  }
}

async function walkStage(walk: Walk, stage: StageDeclaration, options: WalkOptions): Promise<ActionReport[]> {
  const limit = pLimit(options.parallel);
  const reports: ActionReport[] = [];
  const run = (action: ActionDeclaration) => {
    const stopped = walk.signal?.aborted || reports.some(isFailed);
    return stopped ? reportOf(stage, action) : runAction({ walk, stage, action, approve: options.approve });
  };
  for (const group of runGroups(stage)) {
    const [approvals, others] = [group.filter(isApproval), group.filter((action) => !isApproval(action))];
    // Nobody can answer two questions at once.
    for (const action of approvals) reports.push(await run(action));
    // The first failure is seen by the next group: what stands beside it in this one has started.
    const refused = reports.some(isFailed);
    const ended = others.map((action) => (refused ? reportOf(stage, action) : limit(() => run(action))));
    reports.push(...(await Promise.all(ended)));
  }
  return reports;
}

function isFailed({ outcome }: ActionReport): boolean {
  return outcome === 'failed';
}

function isApproval({ actionTypeId }: ActionDeclaration): boolean {
  return actionTypeId?.category === 'Approval';
}

function requireStage({ name, stages = [] }: PipelineDeclaration, until: string | undefined): void {
  if (until === undefined || stages.some((stage) => stage.name === until)) return;
  const known = stages.map((stage) => stage.name).join(', ');
  throw new Failure('UnknownStage', { subject: name, what: `it has no stage "${until}"`, next: `there are ${known}` });
}

/** Nothing if the last stage to walk is done already. */
function upTo(
  stages: readonly StageDeclaration[],
  done: readonly string[],
  until: string | undefined,
): StageDeclaration[] {
  if (until === undefined) return [...stages];
  if (done.includes(until)) return [];
  const last = stages.findIndex((stage) => stage.name === until);
  return last === -1 ? [...stages] : stages.slice(0, last + 1);
}

function variablesOf({ variables = [] }: PipelineDeclaration): Record<string, string> {
  return Object.fromEntries(variables.map(({ name, defaultValue }) => [name!, defaultValue ?? '']));
}
