import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { JobEnd, Runner } from './runner.ts';
import { sessionOf, tokenOf } from './web-identity.ts';

/** What started a workflow. */
export interface GitHubEvent {
  /**
   * `workflow_run`: another workflow has ended, which a pull request had started. `pull_request_target`: a pull request
   * was closed, and workflows of the default branch run.
   */
  readonly event: 'push' | 'pull_request' | 'workflow_run' | 'pull_request_target' | 'schedule';
  readonly repository: string;
  /** Of a push. */
  readonly branch: string;
  /** What is checked out. */
  readonly commit: string;
  /** Of a pull request. */
  readonly pullRequest?: { readonly number: number; readonly base: string; readonly head: string };
  /** URL of the API. */
  readonly api?: string;
}

/** A step of a job. */
export interface Step {
  readonly uses?: string;
  readonly with?: Record<string, string | number | boolean>;
  readonly run?: string;
  readonly id?: string;
  readonly env?: Record<string, string>;
  readonly if?: string;
}

/** A job of a workflow. */
export interface Job {
  /** What people see; rules and tokens do not know it. */
  readonly name?: string;
  readonly env?: Record<string, string>;
  readonly outputs?: Record<string, string>;
  readonly needs?: string | string[];
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Record<string, string>;
  readonly strategy?: { readonly matrix: { readonly include: Record<string, string>[] } };
  readonly steps: Step[];
}

/** File with the summary of a job; GitHub has one for each step and shows them together. */
export const SUMMARY = 'summary.md';

/** A job of one combination of its matrix, while it runs. */
export interface Run {
  readonly job: Job;
  readonly folder: string;
  /** Another folder of the job, outside the repository. */
  readonly temporary: string;
  /** What steps and the jobs that it needs have put out, as expressions name it. */
  readonly outputs: Map<string, string>;
  readonly matrix: Record<string, string>;
  readonly event: GitHubEvent;
  /** How earlier jobs ended, by name. */
  readonly results: Readonly<Record<string, JobEnd['outcome']>>;
  credentials?: AwsCredentialIdentity;
  region?: string;
}

/** Runs the text of a step. */
export async function runShell(runner: Runner, run: Run, step: Step) {
  const { event, region, credentials } = run;
  const { pullRequest, api } = event;
  const given = Object.entries({ ...run.job.env, ...step.env });
  const env = Object.fromEntries(given.map(([name, value]) => [name, evaluate(run, value)]));
  const outputs = join(run.temporary, 'outputs');
  await writeFile(outputs, '');
  const end = await runner.shell(
    evaluate(run, step.run!),
    run.folder,
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: event.repository,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_RUN_ID: '7',
      GITHUB_SHA: event.commit,
      GITHUB_REF:
        event.event === 'pull_request' ? `refs/pull/${pullRequest?.number}/merge` : `refs/heads/${event.branch}`,
      GITHUB_OUTPUT: outputs,
      GITHUB_STEP_SUMMARY: join(run.temporary, SUMMARY),
      RUNNER_TEMP: run.temporary,
      ...(api === undefined ? {} : { GITHUB_API_URL: api }),
      ...(region === undefined ? {} : { AWS_REGION: region }),
      ...env,
    },
    credentials,
  );
  for (const [, name, value] of (await readFile(outputs, 'utf8')).matchAll(/^(\w+)=(.*)$/gm)) {
    if (step.id !== undefined) run.outputs.set(`steps.${step.id}.outputs.${name}`, value!);
  }
  return end;
}

/** A text with the values of its expressions. @throws Error for an expression that nobody here knows */
export function evaluate({ matrix, event, outputs, temporary, results }: Run, text: string): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (all, expression: string) => {
    const known: Record<string, string | undefined> = {
      ...Object.fromEntries(Object.entries(matrix).map(([name, value]) => [`matrix.${name}`, value])),
      ...Object.fromEntries(outputs),
      'runner.temp': temporary,
      'github.event.pull_request.base.sha': event.pullRequest?.base,
      'github.event.pull_request.number': event.pullRequest && String(event.pullRequest.number),
      "needs.deploy.result == 'success' && 'deployed' || 'failed'":
        results['deploy'] === 'success' ? 'deployed' : 'failed',
      ...(event.event === 'workflow_run' && {
        'github.event.workflow_run.id': '1',
        'github.event.workflow_run.pull_requests[0].number': String(event.pullRequest?.number),
        'github.event.workflow_run.head_sha': event.commit,
      }),
      'github.token': 'token-of-the-job',
    };
    const value = known[expression];
    if (value === undefined) throw new Error(`Nobody here knows what ${all} means`);
    return value;
  });
}

/** What each action does, with the inputs that it may have here. */
export async function act(runner: Runner, run: Run, step: Step): Promise<{ code: number; output: string }> {
  const [action, commit] = step.uses!.split('@');
  if (!/^[0-9a-f]{40}$/.test(commit ?? '')) throw new Error(`${step.uses} is not pinned to a commit`);
  const input = new Inputs(step.with ?? {}, (text) => evaluate(run, text));
  switch (action) {
    case 'actions/checkout':
      if (run.job.permissions?.['contents'] !== 'read') throw new Error('The job may not read the repository');
      input.require({ 'fetch-depth': 0, 'persist-credentials': false });
      await runner.clone(run.folder, input.takeOptional('ref') ?? run.event.commit);
      break;
    case 'actions/setup-node':
      input.take('node-version');
      input.require({ 'package-manager-cache': false });
      break;
    case 'actions/upload-artifact':
      input.take('retention-days');
      input.takeOptional('compression-level');
      input.takeOptional('overwrite');
      await upload(runner, input, run.folder);
      break;
    case 'actions/download-artifact':
      // Of the run that another workflow had.
      if (input.takeOptional('run-id') !== undefined) {
        if (run.job.permissions?.['actions'] !== 'read')
          throw new Error('The job may not read artifacts of other runs');
        input.require({ 'github-token': 'token-of-the-job' });
      }
      await runner.fetch(input.take('name'), resolve(run.folder, input.takeOptional('path') ?? '.'));
      break;
    case 'aws-actions/configure-aws-credentials': {
      if (run.job.permissions?.['id-token'] !== 'write') throw new Error('The job may not ask for a token');
      run.region = input.take('aws-region');
      run.credentials = await sessionOf(
        runner.aws,
        run.region,
        input.take('role-to-assume'),
        tokenOf(runner.aws, claimsOf(run.event, run.job.environment)),
      );
      break;
    }
    default:
      throw new Error(`Nobody here knows what ${action} does`);
  }
  input.end();
  return { code: 0, output: '' };
}

async function upload(runner: Runner, input: Inputs, folder: string): Promise<void> {
  const [name, path] = [input.take('name'), join(folder, input.take('path'))];
  switch (input.take('if-no-files-found')) {
    case 'ignore':
      if (!existsSync(path)) return;
      break;
    case 'error':
      break;
    default:
      throw new Error('A job has to say what happens if there is nothing to upload');
  }
  await runner.store(name, path, { contents: true });
}

/** What GitHub's token says about a job: https://docs.github.com/actions/reference/security/oidc. */
export function claimsOf({ event, repository, branch }: GitHubEvent, environment?: string) {
  const about = event === 'pull_request' ? 'pull_request' : `ref:refs/heads/${branch}`;
  return {
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sts.amazonaws.com',
    sub: `repo:${repository}:${environment === undefined ? about : `environment:${environment}`}`,
    ref: event === 'pull_request' ? 'refs/pull/12/merge' : `refs/heads/${branch}`,
  };
}

/** Inputs of an action, each of which must be known. */
class Inputs {
  readonly #left: Map<string, string | number | boolean>;
  readonly #evaluate: (text: string) => string;

  constructor(inputs: Record<string, string | number | boolean>, evaluateText: (text: string) => string) {
    this.#left = new Map(Object.entries(inputs));
    this.#evaluate = evaluateText;
  }

  takeOptional(name: string): string | undefined {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value === undefined ? undefined : this.#evaluate(String(value));
  }

  take(name: string): string {
    const value = this.takeOptional(name);
    if (value === undefined) throw new Error(`The input ${name} is missing`);
    return value;
  }

  require(expected: Record<string, string | number | boolean>): void {
    for (const [name, value] of Object.entries(expected)) {
      if (this.take(name) !== String(value)) throw new Error(`The input ${name} is not ${value}`);
    }
  }

  end(): void {
    if (this.#left.size > 0) throw new Error(`Nobody here knows the inputs ${[...this.#left.keys()].join(', ')}`);
  }
}
