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
  const running = runningAction(walk, stage, action);
  const { id } = running;
  const end = (outcome: 'passed' | 'failed', detail: string, rest: Partial<ActionReport> = {}): ActionReport => {
    const milliseconds = performance.now() - began;
    const { role, lines } = running;
    listener({ type: 'item-finished', id, outcome, detail, lines: outcome === 'passed' ? [] : lines, milliseconds });
    const seconds = Math.round(milliseconds / 100) / 10;
    return { ...reportOf(stage, action), role: nameOf(role), seconds, outcome, ...rest };
  };
  try {
    const configuration = Object.entries(action.configuration ?? {});
    running.configuration = Object.fromEntries(
      configuration.map(([name, text]) => [name, fillIn(text, walk.namespaces)]),
    );
    if (action.actionTypeId?.category === 'Approval') await approve(id, running.configuration['CustomData']);
    // An approval asks people; what is drawn over and over would hide the question.
    listener({ type: 'item-started', id, label: id, where: action.actionTypeId?.provider ?? '' });
    const variables = await perform(walk, running, action);
    if (action.namespace !== undefined) walk.namespaces.set(action.namespace, variables);
    return end('passed', running.role === '' ? '' : `as ${nameOf(running.role)}`);
  } catch (error) {
    const { message, denied = denialIn(message) } = explain(error);
    return end('failed', message, { message, ...(denied && { denied }) });
  }
}

/** What is known of an action that was not run. */
export function reportOf(stage: StageDeclaration, action: ActionDeclaration): ActionReport {
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

function runningAction(walk: Walk, stage: StageDeclaration, action: ActionDeclaration): RunningAction {
  const { listener, verbose, notes } = walk;
  const id = `${stage.name}/${action.name}`;
  return {
    id,
    name: action.name!,
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
