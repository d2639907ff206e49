import type { ActionDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';
import { explain } from 'nx-cdk/aws';
import { denialIn, Failure } from 'nx-cdk/failure';
import { runBuild } from './build-action.ts';
import { fillIn } from './build-variables.ts';
import type { ActionReport } from './request.ts';
import type { OutputVariables, Walk, RunningAction } from './walk.ts';
import { nameOf } from './sessions.ts';
import { isKnownSource, runSource } from './source-action.ts';

/** One action of a walk. */
export interface RunAction {
  readonly walk: Walk;
  readonly stage: StageDeclaration;
  readonly action: ActionDeclaration;
  /** Gives an approval, or throws. */
  readonly approve: (id: string, details: string | undefined) => Promise<void>;
}

/** Carries one action out and tells how it went. Never throws. */
export async function runAction({ walk, stage, action, approve }: RunAction): Promise<ActionReport> {
  const { listener } = walk;
  const began = performance.now();
  const id = `${stage.name}/${action.name}`;
  const provider = action.actionTypeId?.provider ?? '';
  const running = runningAction(walk, id, stage, action);
  const end = (outcome: 'passed' | 'failed', rest: Pick<ActionReport, 'message' | 'denied'> = {}): ActionReport => ({
    stage: stage.name!,
    action: action.name!,
    provider,
    role: nameOf(running.role),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    outcome,
    ...rest,
  });
  const finished = (outcome: 'passed' | 'failed', detail: string, lines: readonly string[] = []) =>
    listener({ type: 'item-finished', id, outcome, detail, lines, milliseconds: performance.now() - began });
  try {
    const configuration = Object.entries(action.configuration ?? {});
    const filled = Object.fromEntries(configuration.map(([name, text]) => [name, fillIn(text, walk.namespaces)]));
    Object.assign(running, { configuration: filled });
    if (action.actionTypeId?.category === 'Approval') await approve(id, filled['CustomData']);
    // An approval asks people; what is drawn over and over would hide the question.
    listener({ type: 'item-started', id, label: id, where: provider });
    const variables = await perform(walk, running, action);
    if (action.namespace !== undefined) walk.namespaces.set(action.namespace, variables);
    finished('passed', running.role === '' ? '' : `as ${nameOf(running.role)}`);
    return end('passed');
  } catch (error) {
    const { message, denied = denialIn(message) } = explain(error);
    finished('failed', message, running.lines);
    return end('failed', { message, ...(denied === undefined ? {} : { denied }) });
  }
}

async function perform(
  walk: Walk,
  running: RunningAction,
  { actionTypeId }: ActionDeclaration,
): Promise<OutputVariables> {
  const { category, provider = '' } = actionTypeId ?? {};
  if (category === 'Approval' && provider === 'Manual') return {};
  if (provider === 'CodeBuild') return runBuild(walk, running);
  if (category === 'Source' && isKnownSource(provider)) return runSource(walk, running, provider);
  throw new Failure('UnknownProvider', {
    subject: running.id,
    what: `actions of the provider ${provider} (${category}) cannot run here`,
    next: 'leave it and what follows out with --until',
  });
}

function runningAction(walk: Walk, id: string, stage: StageDeclaration, action: ActionDeclaration): RunningAction {
  const { listener, verbose, notes } = walk;
  return {
    id,
    stage: stage.name!,
    action: action.name!,
    roleArn: action.roleArn,
    configuration: {},
    inputs: (action.inputArtifacts ?? []).map(({ name }) => name!),
    outputs: (action.outputArtifacts ?? []).map(({ name }) => name!),
    timeoutInMinutes: action.timeoutInMinutes,
    role: '',
    lines: [],
    say: (line) => {
      if (verbose) listener({ type: 'message', level: 'info', text: `[${id}] ${line}` });
      else listener({ type: 'item-progress', id, step: line });
    },
    note: (text) => void notes.add(`${id}: ${text}`),
  };
}
