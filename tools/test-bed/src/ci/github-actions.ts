import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { act, evaluate, type GitHubEvent, type Job, type Run, runShell, type Step, SUMMARY } from './github-steps.ts';
import type { JobEnd, Runner } from './runner.ts';

/**
 * Runs a workflow file as GitHub Actions does: jobs in the order of their needs, one for each combination of the
 * matrix, in empty folders. Actions are replaced by what they do; an action, an input, an expression or a condition
 * that is not known here fails the run.
 */
export async function runWorkflow(runner: Runner, file: string, event: GitHubEvent): Promise<readonly JobEnd[]> {
  const workflow = parse(readFileSync(file, 'utf8')) as {
    jobs: Record<string, Job>;
    permissions: object;
    defaults: { run: { shell: string } };
  };
  if (workflow.defaults.run.shell !== 'bash') throw new Error('Without shell: bash, a pipe hides its failures');
  const outcomes: Record<string, JobEnd['outcome']> = {};
  const outputs = new Map<string, string>();
  // In the file, no job comes before one that it needs.
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const needs = [job.needs ?? []].flat();
    if (!needs.every((need) => need in outcomes)) throw new Error(`${name} needs a job that is not there yet`);
    if (
      !startsJob(
        job,
        event,
        needs.map((need) => outcomes[need]!),
      )
    ) {
      outcomes[name] = (await runner.end(name, 'skipped')).outcome;
      continue;
    }
    const ends: JobEnd[] = [];
    for (const matrix of job.strategy?.matrix.include ?? [{}]) {
      const own = needs.flatMap((need) => [...outputs].filter(([output]) => output.startsWith(`needs.${need}.`)));
      const [folder, temporary] = [await runner.folder(name), await runner.folder(`${name}-temporary`)];
      const run: Run = { job, matrix, event, folder, temporary, outputs: new Map(own), results: outcomes };
      ends.push(await runJob(runner, labelOf(name, run), run));
      for (const [output, value] of Object.entries(job.outputs ?? {})) {
        if (ends.at(-1)?.outcome === 'success') outputs.set(`needs.${name}.outputs.${output}`, evaluate(run, value));
      }
    }
    outcomes[name] = ends.every(({ outcome }) => outcome === 'success') ? 'success' : 'failure';
  }
  return runner.ends;
}

function startsJob(job: Job, { event, pullRequest, repository }: GitHubEvent, needs: readonly string[]): boolean {
  const isOwn = pullRequest?.head === repository;
  switch (job.if) {
    case undefined:
      return needs.every((outcome) => outcome === 'success');
    case 'github.event.pull_request.head.repo.full_name == github.repository':
      return isOwn;
    case "github.event_name == 'pull_request_target' && github.event.pull_request.head.repo.full_name == github.repository":
      return event === 'pull_request_target' && isOwn;
    case "github.event_name == 'schedule'":
      return event === 'schedule';
    case "${{ !cancelled() && needs.publish.result != 'skipped' }}":
      return needs[0] !== 'skipped';
    case "github.event.workflow_run.event == 'pull_request' && github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.head_repository.full_name == github.repository":
      return isOwn;
    case "${{ !cancelled() && needs.diff.result != 'skipped' }}":
      return needs.every((outcome) => outcome !== 'skipped');
    default:
      throw new Error(`Nobody here knows what ${job.if} means`);
  }
}

/** What a job is called: by its `name`, else by its id and its combination of the matrix. */
function labelOf(id: string, run: Run): string {
  const { job, matrix } = run;
  if (job.name !== undefined) return evaluate(run, job.name);
  return Object.values(matrix).length === 0 ? id : `${id} (${matrix['group']})`;
}

async function runJob(runner: Runner, name: string, run: Run): Promise<JobEnd> {
  await writeFile(join(run.temporary, SUMMARY), '');
  let output = '';
  let failed = false;
  for (const step of run.job.steps) {
    if (!startsStep(run, step, failed)) continue;
    try {
      const end = step.uses === undefined ? await runShell(runner, run, step) : await act(runner, run, step);
      output += end.output;
      failed ||= end.code !== 0;
    } catch (error) {
      output += `${step.uses}: ${(error as Error).message}\n`;
      failed = true;
    }
  }
  const summary = await readFile(join(run.temporary, SUMMARY), 'utf8');
  return runner.end(name, failed ? 'failure' : 'success', output, summary);
}

function startsStep({ results }: Run, step: Step, failed: boolean): boolean {
  switch (step.if) {
    case undefined:
      return !failed;
    case '${{ !cancelled() }}':
      return true;
    case "${{ needs.deploy.result == 'success' }}":
      return !failed && results['deploy'] === 'success';
    default:
      throw new Error(`Nobody here knows what ${step.if} means`);
  }
}
