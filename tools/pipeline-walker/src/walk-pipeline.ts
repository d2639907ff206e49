import { rmSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsClients } from 'nx-cdk/aws';
import { Failure } from 'nx-cdk/failure';
import { canAsk, type Conversation, type Listener } from 'nx-cdk/progress';
import { askForApproval } from './approval.ts';
import { Clients, type Session } from './clients.ts';
import type { Commit } from './commit.ts';
import { countActions } from './definition.ts';
import { findPipeline, readDefinition } from './find-pipeline.ts';
import { sentenceOf, summaryOf, tableOf, type WalkReport } from './report.ts';
import type { RehearseExecutorSchema } from './schema.d.ts';
import type { Walk } from './walk.ts';
import { walkStages } from './walk-stages.ts';

/** What to walk, and how. The options have the meaning and the defaults of `schema.json`. */
export interface WalkRequest extends Pick<
  RehearseExecutorSchema,
  'pipeline' | 'until' | 'approve' | 'parallel' | 'keep' | 'verbose'
> {
  readonly commit: Commit;
  /** When the preparations began, by `performance`. */
  readonly startedAt: number;
  /** The stacks that hold the pipeline. */
  readonly stacks: readonly PipelineStack[];
  /** Where approvals are asked for. */
  readonly conversation: Omit<Conversation, 'signal'>;
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** When it fires, what runs is ended, and nothing more is started. */
  readonly signal: AbortSignal;
}

/** A stack of the app that has the pipeline. */
export interface PipelineStack {
  readonly stackName: string;
  /** 12 digits, or `unknown-account`. */
  readonly account: string;
  /** Or `unknown-region`. */
  readonly region: string;
}

/**
 * Walks a deployed pipeline on this machine, each action with the sessions that it would have on AWS, so that a missing
 * permission fails here. A failed action is in the report, not thrown.
 *
 * @throws Failure if there is nothing to walk, or the pipeline is not in the caller's account
 */
export async function walkPipeline(request: WalkRequest): Promise<WalkReport> {
  const { commit, stacks, aws, listener, signal, keep = false, verbose = false, parallel = 2 } = request;
  const { account, region, partition } = await placeOf(stacks, aws);
  const caller: Session = { name: 'caller', credentials: aws.callerCredentials };
  const clients = new Clients(account, region, listener);
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nx-cdk-rehearsal-')));
  // The second Ctrl-C exits at once.
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (!keep) process.once('exit', remove);
  try {
    const stackNames = stacks.map(({ stackName }) => stackName);
    const pipeline = await findPipeline(clients, caller, stackNames, request.pipeline);
    const definition = await readDefinition(clients, caller, pipeline);
    const say = (level: 'info' | 'error', text: string) => listener({ type: 'message', level, text });
    const notes = new Set<string>();
    let left = countActions(definition.stages);
    const subject = `${pipeline} in ${account}/${region}, commit ${commit.id.slice(0, 12)}`;
    const start = () => listener({ type: 'run-started', action: 'rehearse', items: left, subject });
    const milliseconds = () => Math.round(performance.now() - request.startedAt);
    const end = (success: boolean, summary: string) =>
      listener({ type: 'run-finished', success, summary, milliseconds: milliseconds() });
    start();
    const walk: Walk = {
      clients,
      caller,
      account,
      region,
      partition,
      definition,
      commit,
      folder,
      signal,
      verbose,
      keep,
      artifacts: new Map(),
      namespaces: new Map(),
      notes,
      listener: (event) => {
        if (event.type === 'item-finished') left -= 1;
        listener(event);
      },
      approve: async (id, details) => {
        if (request.approve === true) return;
        const conversation = { ...request.conversation, signal };
        if (!canAsk(conversation)) return askForApproval(id, details, conversation);
        // The progress display would hide the question.
        end(true, `waiting for ${id}`);
        await askForApproval(id, details, conversation).finally(start);
      },
    };
    const { actions, changes } = await walkStages(walk, parallel, request.until);
    const interrupted = signal.aborted;
    const success = !interrupted && actions.every(({ outcome }) => outcome === 'passed');
    say('info', tableOf(actions, [...notes]));
    const failed = actions.find(({ outcome }) => outcome === 'failed');
    if (failed !== undefined && !interrupted) say('error', sentenceOf(failed));
    end(success, summaryOf(actions));
    if (keep) say('info', `The work folder is ${folder}.`);
    return {
      success,
      interrupted,
      pipeline,
      account,
      region,
      commit: commit.id,
      milliseconds: milliseconds(),
      actions,
      changes,
      notes: [...notes],
    };
  } finally {
    process.off('exit', remove);
    if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    clients.destroy();
  }
}

async function placeOf([stack]: readonly PipelineStack[], aws: AwsClients) {
  const caller = await aws.caller();
  const account = known(stack?.account) ?? caller.account;
  const region = known(stack?.region) ?? caller.region;
  if (account !== caller.account) {
    throw new Failure('WrongAccount', {
      what: `The pipeline is in the account ${account}, and the credentials are of ${caller.account}`,
      next: `rehearse with credentials of ${account}`,
    });
  }
  return { account, region, partition: caller.partition };
}

/** An environment-agnostic stack names neither account nor region. */
function known(value: string | undefined): string | undefined {
  return value === undefined || value.startsWith('unknown-') ? undefined : value;
}
