import type { ActionDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';
import { explain } from 'nx-cdk/aws';
import { denialIn, Failure } from 'nx-cdk/failure';
import { runBuild } from './build-action.ts';
import { fillIn } from './build-variables.ts';
import type { ActionReport } from './report.ts';
import { nameOf } from './sessions.ts';
import { isKnownSource, runSource } from './source-action.ts';
import type { OutputVariables, RunningAction, Walk } from './walk.ts';

/** Runs one action and tells how it ended. Never throws. */
export async function runAction(walk: Walk, stage: StageDeclaration, action: ActionDeclaration): Promise<ActionReport> {
  const { listener, namespaces } = walk;
  const began = performance.now();
  const running = runningAction(walk, stage, action);
  const { id } = running;
  const end = (outcome: 'passed' | 'failed', detail: string, rest: Partial<ActionReport> = {}): ActionReport => {
    const milliseconds = performance.now() - began;
    const { role, lines } = running;
    listener({ type: 'item-finished', id, outcome, detail, lines: outcome === 'passed' ? [] : lines, milliseconds });
    const seconds = Math.round(milliseconds / 100) / 10;
    return { ...notRun(stage, action), role: nameOf(role), seconds, outcome, ...rest };
  };
  try {
    running.configuration = Object.fromEntries(
      Object.entries(action.configuration ?? {}).map(([name, text]) => [name, fillIn(text, namespaces)]),
    );
    if (action.actionTypeId?.category === 'Approval') await walk.approve(id, running.configuration['CustomData']);
    // Only now, as the progress display would hide the question.
    listener({ type: 'item-started', id, label: id, where: action.actionTypeId?.provider ?? '' });
    const variables = await perform(walk, running, action);
    if (action.namespace !== undefined) namespaces.set(action.namespace, variables);
    return end('passed', running.role === '' ? '' : `as ${nameOf(running.role)}`);
  } catch (error) {
    const { message, denied = denialIn(message) } = explain(error);
    return end('failed', message, { message, ...(denied && { denied }) });
  }
}

/** The report of an action that was not run. */
export function notRun(stage: StageDeclaration, action: ActionDeclaration): ActionReport {
  const provider = action.actionTypeId?.provider ?? '';
  return { stage: stage.name!, action: action.name!, provider, role: '', seconds: 0, outcome: 'not run' };
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

function runningAction(
  { listener, verbose, notes }: Walk,
  stage: StageDeclaration,
  { name = '', roleArn, inputArtifacts = [], outputArtifacts = [], timeoutInMinutes }: ActionDeclaration,
): RunningAction {
  const id = `${stage.name}/${name}`;
  return {
    ...{ id, name, roleArn, timeoutInMinutes },
    configuration: {},
    inputs: inputArtifacts.map((artifact) => artifact.name!),
    outputs: outputArtifacts.map((artifact) => artifact.name!),
    role: '',
    lines: [],
    say: (line) => {
      if (verbose) listener({ type: 'message', level: 'info', text: `[${id}] ${line}` });
      else listener({ type: 'item-progress', id, step: line });
    },
    note: (text) => void notes.add(`${id}: ${text}`),
  };
}
