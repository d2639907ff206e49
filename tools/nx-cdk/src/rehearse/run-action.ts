import type { ActionDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';
import { Failure } from '../failure/index.ts';
import { runBuild } from './build-action.ts';
import { fillIn } from './build-variables.ts';
import { failureOf } from './denied.ts';
import type { ActionReport } from './request.ts';
import type { OutputVariables, Run, Step } from './run.ts';
import { nameOf } from './sessions.ts';
import { isKnownSource, runSource } from './source-action.ts';

/** One action of a walk. */
export interface RunAction {
  readonly run: Run;
  readonly stage: StageDeclaration;
  readonly action: ActionDeclaration;
  /** Gives an approval, or throws. */
  readonly approve: (id: string, details: string | undefined) => Promise<void>;
}

/** Carries one action out and tells how it went. Never throws. */
export async function runAction({ run, stage, action, approve }: RunAction): Promise<ActionReport> {
  const { listener } = run;
  const began = performance.now();
  const id = `${stage.name}/${action.name}`;
  const provider = action.actionTypeId?.provider ?? '';
  const step = stepOf(run, id, stage, action);
  const end = (outcome: 'passed' | 'failed', rest: Pick<ActionReport, 'message' | 'denied'> = {}): ActionReport => ({
    stage: stage.name!,
    action: action.name!,
    provider,
    role: nameOf(step.role),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    outcome,
    ...rest,
  });
  const finished = (outcome: 'passed' | 'failed', detail: string, lines: readonly string[] = []) =>
    listener({ type: 'item-finished', id, outcome, detail, lines, milliseconds: performance.now() - began });
  try {
    const configuration = Object.entries(action.configuration ?? {});
    const filled = Object.fromEntries(configuration.map(([name, text]) => [name, fillIn(text, run.namespaces)]));
    Object.assign(step, { configuration: filled });
    if (action.actionTypeId?.category === 'Approval') await approve(id, filled['CustomData']);
    // An approval asks people; what is drawn over and over would hide the question.
    listener({ type: 'item-started', id, label: id, where: provider });
    const variables = await perform(run, step, action);
    if (action.namespace !== undefined) run.namespaces.set(action.namespace, variables);
    finished('passed', step.role === '' ? '' : `as ${nameOf(step.role)}`);
    return end('passed');
  } catch (error) {
    const { message, denied } = failureOf(error);
    finished('failed', message, step.lines);
    return end('failed', { message, ...(denied === undefined ? {} : { denied }) });
  }
}

async function perform(run: Run, step: Step, { actionTypeId }: ActionDeclaration): Promise<OutputVariables> {
  const { category, provider = '' } = actionTypeId ?? {};
  if (category === 'Approval' && provider === 'Manual') return {};
  if (provider === 'CodeBuild') return runBuild(run, step);
  if (category === 'Source' && isKnownSource(provider)) return runSource(run, step, provider);
  throw new Failure(
    'UnknownProvider',
    `The action ${step.id} is of the provider ${provider} (${category}), which cannot be rehearsed: leave it and what follows out with --until.`,
  );
}

function stepOf(run: Run, id: string, stage: StageDeclaration, action: ActionDeclaration): Step {
  const { listener, verbose, notes } = run;
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
