import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JobEnd, Runner } from './runner.ts';
import { tokenOf } from './web-identity.ts';

/** What started a pipeline. */
export interface GitLabEvent {
  readonly project: string;
  readonly branch: string;
  /** What is checked out. */
  readonly commit: string;
  /** Of a merge request. */
  readonly mergeRequest?: { readonly iid: number; readonly base: string };
  /** Whether an environment of the merge request is stopped: only the job that does so runs. */
  readonly stop?: boolean;
  /** Whether a schedule has started it. */
  readonly scheduled?: boolean;
  /** Whether the project lets tokens name the protection and the tier of the environment. */
  readonly tiers?: boolean;
  /** URL of the API, and a token for it. */
  readonly api?: { readonly url: string; readonly token: string };
}

interface Job {
  readonly extends?: string | string[];
  readonly stage?: string;
  readonly needs?: (string | { readonly job: string; readonly artifacts: false })[];
  readonly environment?: { readonly name: string; readonly deployment_tier: string; readonly action?: string };
  readonly rules?: { readonly if: string; readonly when?: string; readonly allow_failure?: boolean }[];
  readonly variables?: Record<string, string>;
  readonly id_tokens?: Record<string, { readonly aud: string }>;
  readonly parallel?: { readonly matrix: Record<string, string>[] };
  readonly script?: string[];
  readonly artifacts?: { readonly paths: string[]; readonly when?: string };
}

/** Words of a job that change nothing of what its script does. */
const ASIDE = ['cache', 'environment', 'interruptible', 'resource_group'];
const KNOWN = [
  'extends',
  'stage',
  'needs',
  'rules',
  'variables',
  'id_tokens',
  'parallel',
  'script',
  'artifacts',
  ...ASIDE,
];
const GLOBAL = ['workflow', 'default', 'stages'];

/**
 * Runs a pipeline file as GitLab CI/CD does: the jobs whose rules apply, stage by stage, one for each combination of a
 * matrix. Jobs that wait for a person are approved. A word that is not known here fails the run.
 */
export async function runPipeline(runner: Runner, file: string, event: GitLabEvent): Promise<readonly JobEnd[]> {
  const content = parse(readFileSync(file, 'utf8')) as Record<string, Job> & { stages: string[]; workflow: unknown };
  const { rules } = content.workflow as { rules: { if: string }[] };
  if (!rules.some((rule) => applies(rule.if, variablesOf(event)))) return runner.ends;
  const jobs = (Object.entries(content) as [string, Job][])
    .filter(([name]) => !GLOBAL.includes(name) && !name.startsWith('.'))
    .map(([name, job]) => [name, merged(content, job)] as const)
    .toSorted(([, one], [, other]) => content.stages.indexOf(one.stage!) - content.stages.indexOf(other.stage!));
  const succeeded = new Set<string>();
  const present = new Set<string>();
  for (const [name, job] of jobs) {
    const unknown = Object.keys(job).filter((word) => !KNOWN.includes(word));
    if (unknown.length > 0) throw new Error(`Nobody here knows what ${unknown.join(', ')} of ${name} means`);
    if (!job.rules?.some((rule) => applies(rule.if, variablesOf(event)))) continue;
    if ((job.environment?.action === 'stop') !== (event.stop ?? false)) continue;
    present.add(name);
    const needs = (job.needs ?? []).map((need) => (typeof need === 'string' ? need : need.job));
    const missing = needs.filter((need) => !present.has(need));
    if (missing.length > 0) throw new Error(`${name} needs ${missing.join(', ')}, which is not in this pipeline`);
    if (!needs.every((need) => succeeded.has(need))) {
      await runner.end(name, 'skipped');
      continue;
    }
    const ends: JobEnd[] = [];
    for (const matrix of job.parallel?.matrix ?? [{}]) ends.push(await runJob(runner, name, job, matrix, event));
    if (ends.every(({ outcome }) => outcome === 'success')) succeeded.add(name);
  }
  return runner.ends;
}

function merged(content: Record<string, Job>, job: Job): Job {
  const bases = [job.extends ?? []].flat().map((name) => merged(content, content[name]!));
  const variables = Object.assign({}, ...[...bases, job].map((one) => one.variables ?? {})) as Record<string, string>;
  return { ...(Object.assign({}, ...bases, job) as Job), variables };
}

async function runJob(
  runner: Runner,
  name: string,
  job: Job,
  matrix: Record<string, string>,
  event: GitLabEvent,
): Promise<JobEnd> {
  const folder = await runner.folder(name);
  const tokens = Object.entries(job.id_tokens ?? {}).map(([variable, { aud }]) => [
    variable,
    tokenOf(runner.aws, { ...claimsOf(event, job.environment), aud }),
  ]);
  const place = { CI_PROJECT_DIR: folder, CI_REPOSITORY_URL: runner.repository };
  const given = {
    ...variablesOf(event),
    ...place,
    ...matrix,
    ...(Object.fromEntries(tokens) as Record<string, string>),
  };
  const variables: Record<string, string> = {
    ...given,
    ...Object.fromEntries(Object.entries(job.variables ?? {}).map(([key, value]) => [key, expand(value, given)])),
  };
  if (variables['GIT_STRATEGY'] !== 'none') {
    if (variables['GIT_DEPTH'] !== '0') throw new Error(`${name} would be without the history`);
    await runner.clone(folder, event.commit);
  }
  for (const need of job.needs ?? []) {
    // Over what was checked out.
    if (typeof need === 'string') await runner.fetch(need, folder).catch(ifMissing);
  }
  let end = { code: 0, output: '' };
  for (const line of job.script ?? []) {
    if (end.code !== 0) break;
    const { code, output } = await runner.shell(line, folder, variables);
    end = { code, output: end.output + output };
  }
  if (end.code === 0 || job.artifacts?.when === 'always') {
    for (const path of job.artifacts?.paths ?? []) {
      // Restored at the same path.
      if (existsSync(join(folder, path))) await runner.store(join(name, path, '..'), join(folder, path));
    }
  }
  return runner.end(
    Object.keys(matrix).length === 0 ? name : `${name} (${matrix['GROUP']})`,
    end.code === 0 ? 'success' : 'failure',
    end.output,
  );
}

/** A job that keeps nothing. */
function ifMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function variablesOf({ project, branch, commit, mergeRequest, api, scheduled }: GitLabEvent): Record<string, string> {
  return {
    GITLAB_CI: 'true',
    CI_PROJECT_ID: '7',
    CI_PROJECT_PATH: project,
    CI_COMMIT_SHA: commit,
    CI_COMMIT_REF_NAME: branch,
    ...(api === undefined ? {} : { CI_API_V4_URL: api.url, GITLAB_TOKEN: api.token }),
    ...(mergeRequest === undefined
      ? { CI_PIPELINE_SOURCE: scheduled ? 'schedule' : 'push', CI_COMMIT_BRANCH: branch }
      : {
          CI_PIPELINE_SOURCE: 'merge_request_event',
          CI_MERGE_REQUEST_IID: String(mergeRequest.iid),
          CI_MERGE_REQUEST_DIFF_BASE_SHA: mergeRequest.base,
          CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: project,
        }),
  };
}

/**
 * What GitLab's token says about a job, without the audience:
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload.
 */
export function claimsOf(
  { project, branch, tiers }: Pick<GitLabEvent, 'project' | 'branch' | 'tiers'>,
  environment?: { readonly deployment_tier: string },
) {
  const more = tiers && environment ? `:environment_protected:true:deployment_tier:${environment.deployment_tier}` : '';
  return { iss: 'https://gitlab.com', sub: `project_path:${project}:ref_type:branch:ref:${branch}${more}` };
}

function expand(text: string, variables: Record<string, string>): string {
  return text.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? '');
}

/** Comparisons and variables, joined by `&&`: https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions. */
function applies(condition: string, variables: Record<string, string>): boolean {
  const value = (term: string): string | undefined =>
    term.startsWith('$') ? variables[term.slice(1)] : term.replace(/^"(.*)"$/, '$1');
  return condition.split(' && ').every((part) => {
    const [, left, operator, right] = /^(\$\w+)(?: (==|!=) (\$\w+|"[^"]*"))?$/.exec(part) ?? [];
    if (left === undefined) throw new Error(`Nobody here knows what ${part} means`);
    if (operator === undefined) return Boolean(value(left));
    return (value(left) === value(right!)) === (operator === '==');
  });
}
