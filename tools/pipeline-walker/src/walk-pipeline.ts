import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectedAwsClients } from 'nx-cdk/aws';
import { Failure } from 'nx-cdk/failure';
import type { Listener } from 'nx-cdk/progress';
import { askForApproval, canAsk } from './approval.ts';
import { Clients, type Session } from './clients.ts';
import { countActions } from './definition.ts';
import { findPipeline, readDefinition } from './find-pipeline.ts';
import { GitSource } from './git-source.ts';
import { prepare } from './prepare.ts';
import { sentenceOf, summaryOf, tableOf } from './report.ts';
import type { PipelineStack, WalkReport, WalkRequest } from './request.ts';
import { SERVICE_SESSIONS_VARIABLE, ServiceSessions } from './sessions.ts';
import { walkStages } from './walk-stages.ts';

/** What a walk works with. */
export interface WalkDependencies {
  readonly aws: ConnectedAwsClients;
  readonly listener: Listener;
  /** When it fires, what runs is ended, and nothing further is started. */
  readonly signal?: AbortSignal;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Refuses to walk if that would mean AWS itself, which gives nobody the sessions of its services.
 *
 * @returns the URL that gives them out
 * @throws Failure `NoServiceSessions`
 */
export function requireServiceSessions(environment: NodeJS.ProcessEnv): string {
  const url = environment[SERVICE_SESSIONS_VARIABLE];
  if (url && environment['AWS_ENDPOINT_URL']) return url;
  throw new Failure('NoServiceSessions', {
    what: `${url ? 'AWS_ENDPOINT_URL' : SERVICE_SESSIONS_VARIABLE} is not set`,
    next:
      'start the local AWS (nx run local-aws:start), which gives out the sessions of services, and rehearse with ' +
      '-c local-aws; AWS itself is never rehearsed on',
  });
}

/**
 * Walks a deployed pipeline on this machine, each action with the sessions that it would have on AWS, so that a step
 * that lacks a permission fails here. What goes wrong with an action is in the report, not thrown.
 *
 * @throws Failure if there is nothing to walk, or the pipeline is in another account than the caller
 */
export async function walkPipeline(request: WalkRequest, dependencies: WalkDependencies): Promise<WalkReport> {
  const { aws, listener, signal } = dependencies;
  const environment = dependencies.environment ?? process.env;
  const url = requireServiceSessions(environment);
  const began = performance.now();
  const git = new GitSource(request.workspace);
  const commit = await git.commit(request.source ?? 'HEAD');
  await warnOfUncommitted(git, commit.id, listener);
  await prepare(request.preparations, listener, signal);
  const stacks = request.stacks();
  const { account, region, partition } = await placeOf(stacks, aws);
  const caller: Session = { name: 'caller', credentials: aws.callerCredentials };
  const clients = new Clients({ environment, account, region, listener });
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nx-cdk-rehearsal-')));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // The second Ctrl-C leaves at once.
  if (request.keep !== true) process.once('exit', remove);
  try {
    const names = stacks.map(({ stackName }) => stackName);
    const name = await findPipeline(clients, caller, names, request.pipeline);
    const definition = await readDefinition(clients, caller, name);
    const notes = new Set<string>();
    let left = countActions(definition.stages ?? []);
    const start = () =>
      listener({
        type: 'run-started',
        action: 'rehearse',
        items: left,
        subject: `${name} in ${account}/${region}, commit ${commit.id.slice(0, 12)}`,
      });
    const end = (success: boolean, summary: string) =>
      listener({ type: 'run-finished', success, summary, milliseconds: Math.round(performance.now() - began) });
    const approve = async (id: string, details: string | undefined) => {
      if (request.approve === true) return;
      const conversation = { ...request.conversation, signal };
      if (!canAsk(conversation)) return askForApproval(id, details, conversation);
      // What is drawn over and over would hide the question.
      end(true, `waiting for ${id}`);
      await askForApproval(id, details, conversation).finally(start);
    };
    start();
    const { actions, changes } = await walkStages(
      {
        clients,
        sessions: new ServiceSessions(url, clients),
        caller,
        account,
        region,
        partition,
        pipelineArn: `arn:${partition}:codepipeline:${region}:${account}:${name}`,
        git,
        commit,
        folder,
        environment,
        signal,
        listener: (event) => {
          if (event.type === 'item-finished') left -= 1;
          listener(event);
        },
        verbose: request.verbose ?? false,
        keep: request.keep ?? false,
        artifacts: new Map(),
        namespaces: new Map(),
        notes,
      },
      definition,
      { parallel: request.parallel ?? 2, until: request.until, approve },
    );
    const interrupted = signal?.aborted ?? false;
    const success = !interrupted && actions.every(({ outcome }) => outcome === 'passed');
    const milliseconds = Math.round(performance.now() - began);
    listener({ type: 'message', level: 'info', text: tableOf(actions, [...notes]) });
    const failed = actions.find(({ outcome }) => outcome === 'failed');
    if (failed !== undefined && !interrupted) listener({ type: 'message', level: 'error', text: sentenceOf(failed) });
    end(success, summaryOf(actions));
    if (request.keep === true) listener({ type: 'message', level: 'info', text: `The work folder is ${folder}.` });
    return {
      success,
      interrupted,
      pipeline: name,
      account,
      region,
      commit: commit.id,
      milliseconds,
      actions,
      changes,
      notes: [...notes],
    };
  } finally {
    process.off('exit', remove);
    if (request.keep !== true) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    clients.destroy();
  }
}

/** What is walked is a commit, as on AWS: a change that is in no commit takes no part, which is easily forgotten. */
async function warnOfUncommitted(git: GitSource, commit: string, listener: Listener): Promise<void> {
  const files = await git.uncommitted();
  if (files.length === 0) return;
  const some = files.slice(0, 3).join(', ') + (files.length > 3 ? ', ...' : '');
  listener({
    type: 'message',
    level: 'warning',
    text: `${files.length === 1 ? '1 file is' : `${files.length} files are`} not committed (${some}) and so not part of the rehearsal, which is of the commit ${commit.slice(0, 12)}: commit first to rehearse them.`,
  });
}

async function placeOf([stack]: readonly PipelineStack[], aws: ConnectedAwsClients) {
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
