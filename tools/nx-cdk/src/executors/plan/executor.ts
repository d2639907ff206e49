import { join, resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { chooseTargets, stacksOfTargets } from '../../command/choose-targets.ts';
import { openRelease } from '../../command/open-release.ts';
import { chooseStacks } from '../../command/promotion.ts';
import { requireLimits } from '../../command/require-limits.ts';
import { runCommand } from '../../command/run-command.ts';
import { writeText } from '../../command/write-report.ts';
import type { PlanExecutorSchema } from './schema.d.ts';

/** Writes down what a deployment would change. Changes nothing; assumes only deploy roles. */
export default async function planExecutor(options: PlanExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, projectName, listener, signal, aws }) => {
    requireLimits({ concurrency: options.concurrency });
    const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const { stackIds, promotion } = await chooseStacks(workspaceRoot, assembly, options, listener);
    const chosen = new Set(stackIds);
    const places = assembly.stacks.filter(({ id }) => chosen.has(id)).map(({ target }) => target);
    const choice = await chooseTargets(workspaceRoot, places, options, aws);
    const stacks = choice === undefined ? stackIds : stacksOfTargets(assembly, stackIds, promotion, choice);
    const release = await openRelease(assembly, listener, { requiredBy: 'A plan' });
    // Imported late: a mistyped stack name need not wait for it.
    const { makePlan, planAsJson, planAsMarkdown, planAsText, planDigest } = await import('../../plan/index.ts');
    const report = await makePlan(
      {
        project: projectName,
        release: release!.digest,
        assembly,
        stacks,
        promotion,
        parameters: options.parameters === undefined ? [] : [options.parameters].flat(),
        concurrency: options.concurrency,
      },
      { aws: await aws(), listener, signal },
    );
    if (report.plan === undefined) return { success: false, report };

    const json = planAsJson(report.plan);
    const digest = planDigest(json);
    const file = options.output ?? defaultOutput(projectName, options.environment);
    await writeText(resolve(workspaceRoot, file), json, 'plan');
    if (options.markdown !== undefined) {
      await writeText(resolve(workspaceRoot, options.markdown), planAsMarkdown(report.plan, digest), 'plan');
    }
    const say = (text: string) => listener({ type: 'message', level: 'info', text });
    // Who reads event by event reads the file as well.
    if (options.json !== true) say(planAsText(report.plan, digest, process.stdout.columns));
    say(`The plan is in ${file}: deploy it with nx deploy ${projectName} --plan=${file}`);
    return { success: report.success, report: { ...report, file, digest } };
  });
}

/** In a folder that git ignores in most workspaces, since builds go there. */
function defaultOutput(project: string, environment: string | undefined): string {
  const name = [project, environment].filter((part) => part !== undefined).join('-');
  return join('dist', 'plans', `${name.replaceAll(/[/\\]/g, '-').replace(/^@/, '')}.json`);
}
