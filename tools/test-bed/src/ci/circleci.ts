import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JobEnd, Runner } from './runner.ts';
import { tokenOf } from './web-identity.ts';

/** What started a pipeline. */
export interface CircleCiEvent {
  readonly organizationId: string;
  readonly projectId: string;
  readonly repository: string;
  /** `pull/<number>` for a fork's. */
  readonly branch: string;
  /** What is checked out. */
  readonly commit: string;
  readonly pullRequest?: number;
  /** Whether a trigger has started it that sets the parameter `nightly`. */
  readonly nightly?: boolean;
  /** URL of GitHub's API, and a token for it. */
  readonly api?: { readonly url: string; readonly token: string };
}

type Step = string | Record<string, Record<string, unknown> & { name?: string; command?: string }>;

interface Job {
  readonly executor: string;
  readonly parameters?: Record<string, { readonly type: string }>;
  readonly environment?: Record<string, string>;
  readonly steps: Step[];
}

interface Invocation extends Record<string, unknown> {
  readonly name?: string;
  readonly type?: string;
  readonly requires?: string[];
}

interface Config {
  readonly jobs: Record<string, Job>;
  readonly workflows: Record<
    string,
    { readonly when: Condition; readonly jobs: (string | Record<string, Invocation>)[] }
  >;
}

type Condition =
  | '<< pipeline.parameters.nightly >>'
  | { and: Condition[] }
  | { not: Condition }
  | { equal: [string, string] }
  | { matches: { pattern: string; value: string } };

/** Words of a job in a workflow that are no parameters of it. */
const OF_WORKFLOW = ['name', 'requires', 'serial-group', 'type'];

/**
 * Runs a configuration as CircleCI does: the workflows whose condition holds, their jobs in the order of what they
 * require. Approvals are given. A step that is not known here fails the run.
 */
export async function runConfig(runner: Runner, file: string, event: CircleCiEvent): Promise<readonly JobEnd[]> {
  const config = parse(readFileSync(file, 'utf8')) as Config;
  for (const workflow of Object.values(config.workflows)) {
    if (!holds(workflow.when, event)) continue;
    const done = new Map<string, JobEnd['outcome']>();
    // In the file, no job comes before one that it requires.
    for (const entry of workflow.jobs) {
      const [job, invocation] = typeof entry === 'string' ? [entry, {} as Invocation] : Object.entries(entry)[0]!;
      const name = invocation.name ?? job;
      const requires = (invocation.requires ?? []).map((required) => done.get(required));
      if (requires.includes(undefined)) throw new Error(`${name} requires a job that is not there yet`);
      if (requires.some((outcome) => outcome !== 'success'))
        done.set(name, (await runner.end(name, 'skipped')).outcome);
      else if (invocation.type === 'approval') done.set(name, 'success');
      else done.set(name, (await runJob(runner, name, config.jobs[job]!, invocation, event)).outcome);
    }
  }
  return runner.ends;
}

async function runJob(
  runner: Runner,
  name: string,
  job: Job,
  invocation: Invocation,
  event: CircleCiEvent,
): Promise<JobEnd> {
  const folder = await runner.folder(name);
  const parameters = Object.fromEntries(Object.entries(invocation).filter(([word]) => !OF_WORKFLOW.includes(word)));
  if (
    Object.keys(parameters).toSorted().join() !==
    Object.keys(job.parameters ?? {})
      .toSorted()
      .join()
  ) {
    throw new Error(`${name} is not given exactly the parameters that it has`);
  }
  const given = (text: string) =>
    text.replace(/<< parameters\.(\w+) >>/g, (_, parameter: string) => String(parameters[parameter]));
  const environment = Object.fromEntries(
    Object.entries(job.environment ?? {}).map(([variable, value]) => [variable, given(value)]),
  );
  let end = { code: 0, output: '' };
  for (const step of job.steps) {
    if (end.code !== 0) break;
    const [word, options] = typeof step === 'string' ? [step, {}] : Object.entries(step)[0]!;
    const { code, output } = await runStep(
      runner,
      word,
      options,
      folder,
      { ...variablesOf(runner, event), ...environment },
      event,
    );
    end = { code, output: end.output + output };
  }
  return runner.end(name, end.code === 0 ? 'success' : 'failure', end.output);
}

async function runStep(
  runner: Runner,
  word: string,
  options: Record<string, unknown>,
  folder: string,
  variables: Record<string, string>,
  { commit }: CircleCiEvent,
): Promise<{ code: number; output: string }> {
  switch (word) {
    case 'run':
      return runner.shell(options['command'] as string, folder, variables);
    case 'checkout':
      if (options['method'] !== 'full') throw new Error('The job would be without the history');
      await runner.clone(join(folder, (options['path'] as string | undefined) ?? '.'), commit);
      break;
    case 'persist_to_workspace':
      for (const path of options['paths'] as string[])
        await runner.store('workspace', join(folder, options['root'] as string, path));
      break;
    case 'attach_workspace':
      await runner.fetch('workspace', join(folder, options['at'] as string));
      break;
    case 'save_cache':
    case 'restore_cache':
    case 'store_artifacts':
      break;
    default:
      throw new Error(`Nobody here knows what the step ${word} does`);
  }
  return { code: 0, output: '' };
}

function variablesOf(runner: Runner, event: CircleCiEvent): Record<string, string> {
  const { pullRequest, repository, api, commit } = event;
  return {
    CIRCLECI: 'true',
    CIRCLE_SHA1: commit,
    CIRCLE_OIDC_TOKEN_V2: tokenOf(runner.aws, claimsOf(event)),
    ...(pullRequest === undefined
      ? {}
      : { CIRCLE_PULL_REQUEST: `https://github.com/${repository}/pull/${pullRequest}` }),
    ...(api === undefined ? {} : { GITHUB_API_URL: api.url, GITHUB_TOKEN: api.token }),
  };
}

/** What CircleCI's token says about a job: https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/. */
export function claimsOf({ organizationId, projectId, repository, branch }: Omit<CircleCiEvent, 'commit'>) {
  const user = '0a1b2c3d-0000-4000-8000-00000000000f';
  return {
    iss: `https://oidc.circleci.com/org/${organizationId}`,
    aud: organizationId,
    sub: `org/${organizationId}/project/${projectId}/user/${user}/vcs-origin/github.com/${repository}/vcs-ref/refs/heads/${branch}`,
  };
}

function holds(condition: Condition, event: CircleCiEvent): boolean {
  const value = (text: string) => text.replace('<< pipeline.git.branch >>', event.branch);
  if (typeof condition === 'string') return event.nightly ?? false;
  if ('and' in condition) return condition.and.every((one) => holds(one, event));
  if ('not' in condition) return !holds(condition.not, event);
  if ('equal' in condition) return new Set(condition.equal.map(value)).size === 1;
  if ('matches' in condition) return new RegExp(condition.matches.pattern).test(value(condition.matches.value));
  throw new Error(`Nobody here knows what ${JSON.stringify(condition)} means`);
}
