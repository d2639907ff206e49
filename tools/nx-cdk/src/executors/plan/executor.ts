import { join, resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { runCommand, writeText } from '../../command/index.ts';
import type { PlanExecutorSchema } from './schema.d.ts';

/** Writes down what a deployment would change. Changes nothing; assumes only deploy roles. */
export default async function planExecutor(options: PlanExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, scope, aws, listener, signal }) => {
    const { release, ...about } = await scope(options, { release: { requiredBy: 'A plan' } });
    // Imported late: a mistyped stack name need not wait for it.
    const { makePlan, planAsJson, planAsMarkdown, planAsText, planDigest } = await import('../../plan/index.ts');
    const report = await makePlan(
      { ...about, release: release!.digest, concurrency: options.concurrency },
      { aws: await aws(), listener, signal },
    );
    if (report.plan === undefined) return { success: false, report };

    const json = planAsJson(report.plan);
    const digest = planDigest(json);
    const file = options.output ?? defaultOutput(about.project, options.environment);
    await writeText(resolve(workspaceRoot, file), json, 'plan');
    if (options.markdown !== undefined) {
      await writeText(resolve(workspaceRoot, options.markdown), planAsMarkdown(report.plan, digest), 'plan');
    }
    const say = (text: string) => listener({ type: 'message', level: 'info', text });
    // Programs that read event by event read the file as well.
    if (options.json !== true) say(planAsText(report.plan, digest, process.stdout.columns));
    say(`The plan is in ${file}: deploy it with nx deploy ${about.project} --plan=${file}`);
    return { success: report.success, report: { ...report, file, digest } };
  });
}

/** In a folder that git ignores in most workspaces, since builds go there. */
function defaultOutput(project: string, environment: string | undefined): string {
  const name = [project, environment].filter((part) => part !== undefined).join('-');
  return join('dist', 'plans', `${name.replaceAll(/[/\\]/g, '-').replace(/^@/, '')}.json`);
}
