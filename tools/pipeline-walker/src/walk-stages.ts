import { randomUUID } from 'node:crypto';
import type { ActionDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';
import pLimit from 'p-limit';
import { Failure } from 'nx-cdk/failure';
import { countActions, describeChange, runGroups, stagesAfter } from './definition.ts';
import { readDefinition } from './find-pipeline.ts';
import type { ActionReport, WalkReport } from './report.ts';
import { notRun, runAction } from './run-action.ts';
import { refusedEntry } from './stage-entry.ts';
import type { Walk } from './walk.ts';

/**
 * Walks a pipeline: stages in their order, the actions of a stage by their run order, those of equal run order at the
 * same time. A stage whose conditions for entering do not hold fails. After a failure nothing more is started.
 *
 * A pipeline may change itself. AWS would then start again at the first stage, with the same commit
 * (`RestartExecutionOnUpdate`). Here the walk goes on with the new definition after the stages that are done, which has
 * the same result.
 *
 * @param parallel how many actions of equal run order run at a time
 * @param until name of the last stage to walk
 * @throws Failure `UnknownStage` if no stage has the name `until`
 */
export async function walkStages(
  walk: Walk,
  parallel: number,
  until: string | undefined,
): Promise<Pick<WalkReport, 'actions' | 'changes'>> {
  const { name = '', stages = [], variables = [] } = walk.definition;
  if (until !== undefined && !stages.some((stage) => stage.name === until)) {
    const next = `there are ${stages.map((stage) => stage.name).join(', ')}`;
    throw new Failure('UnknownStage', { subject: name, what: `it has no stage "${until}"`, next });
  }
  const values = variables.map((variable) => [variable.name!, variable.defaultValue ?? '']);
  walk.namespaces.set('variables', Object.fromEntries(values) as Record<string, string>);
  walk.namespaces.set('codepipeline', { PipelineExecutionId: randomUUID() });
  const actions: ActionReport[] = [];
  const changes: string[] = [];
  const done: string[] = [];
  for (;;) {
    const left = stagesLeft(walk, done, until);
    const [stage] = left;
    if (stage === undefined || isStopped(walk, actions)) {
      actions.push(...left.flatMap((one) => runGroups(one).flatMap((group) => group.map((it) => notRun(one, it)))));
      return { actions, changes };
    }
    actions.push(...(await walkStage(walk, stage, parallel)));
    done.push(stage.name!);
    if (isStopped(walk, actions)) continue;
    const definition = await readDefinition(walk.clients, walk.caller, name);
    const change = describeChange(walk.definition, definition);
    if (change === undefined) continue;
    changes.push(change);
    walk.definition = definition;
    const rest = countActions(stagesLeft(walk, done, until));
    walk.listener({
      type: 'message',
      level: 'info',
      text: `The pipeline has changed itself: ${change}. The walk goes on with the new definition after ${stage.name}, ${rest} ${rest === 1 ? 'action' : 'actions'} left; AWS would start again at ${definition.stages?.[0]?.name} with the same commit.`,
    });
  }
}

async function walkStage(walk: Walk, stage: StageDeclaration, parallel: number): Promise<ActionReport[]> {
  const refused = refusedEntry(walk, stage);
  if (refused !== undefined) return [refused, ...(stage.actions ?? []).map((action) => notRun(stage, action))];
  const limit = pLimit(parallel);
  const reports: ActionReport[] = [];
  const run = (action: ActionDeclaration) =>
    isStopped(walk, reports) ? notRun(stage, action) : runAction(walk, stage, action);
  for (const group of runGroups(stage)) {
    const isApproval = ({ actionTypeId }: ActionDeclaration) => actionTypeId?.category === 'Approval';
    // Nobody can answer two questions at once.
    for (const action of group.filter(isApproval)) reports.push(await run(action));
    // A failure stops the next group: the other actions of this one run already.
    const isRefused = reports.some(isFailed);
    const others = group.filter((action) => !isApproval(action));
    const ended = others.map((action) => (isRefused ? notRun(stage, action) : limit(() => run(action))));
    reports.push(...(await Promise.all(ended)));
  }
  return reports;
}

/** The stages that are still to walk; none if the last one that is wanted is done. */
function stagesLeft({ definition }: Walk, done: readonly string[], until: string | undefined): StageDeclaration[] {
  if (until !== undefined && done.includes(until)) return [];
  const stages = stagesAfter(definition, done);
  const last = stages.findIndex(({ name }) => name === until);
  return last === -1 ? stages : stages.slice(0, last + 1);
}

function isStopped({ signal }: Walk, reports: readonly ActionReport[]): boolean {
  return signal?.aborted === true || reports.some(isFailed);
}

function isFailed({ outcome }: ActionReport): boolean {
  return outcome === 'failed';
}
