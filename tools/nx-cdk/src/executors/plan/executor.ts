import { join, resolve } from 'node:path';
import { defineExecutor, fileOfInstance, warnOfGoingBack, writeText } from '../../command/index.ts';
import { tellLeftBehind } from '../../deploy/index.ts';
import { detectDrift } from '../../drift/index.ts';
import {
  findDeletions,
  makePlan,
  planAsJson,
  planAsMarkdown,
  planAsText,
  planDigest,
  type PlannedStack,
  workspaceRules,
} from '../../plan/index.ts';
import type { PlanExecutorSchema } from './schema.d.ts';

/** Writes down what a deployment would change. Changes nothing; assumes only deploy roles. */
export default defineExecutor(
  async (options: PlanExecutorSchema, command) => {
    const { workspaceRoot, scope, aws, listener, signal } = command;
    const { concurrency, environment, markdown } = options;
    const { release, ...about } = await scope(options, {
      published: true,
      release: { requiredBy: 'A plan', signed: true, stored: true, ruled: true },
      words: 'deploy',
    });
    const dependencies = { aws: await aws(), listener, signal };
    const { prune = false } = options;
    const where = { ...about, environment, deployed: true, otherApps: prune ? await command.otherApps() : [] };
    const deletions = prune ? await findDeletions(where, dependencies) : undefined;
    const rules = workspaceRules(about.files);
    const { revertDrift } = options;
    const drift = options.drift === true ? await detectDrift({ ...about, concurrency }, dependencies) : undefined;
    // A plan that was to hold what has drifted holds all of it.
    if (drift?.success === false) return { success: false, report: { drift } };
    const report = await makePlan(
      { ...about, release: release!.digest, concurrency, deletions, revertDrift, drift, rules },
      dependencies,
    );
    const { plan } = report;
    if (plan === undefined) return { success: false, report };
    await warnOfGoingBack(options, { ...about, release }, plan.stacks.filter(isChanging).map(changing), command);

    const json = planAsJson(plan);
    const digest = planDigest(json);
    const named = (output: string) => fileOfInstance(output, about.instance);
    const file = named(options.output ?? defaultOutput(about.project, environment));
    await writeText(resolve(workspaceRoot, file), json, 'plan');
    if (markdown !== undefined) {
      const order = { stacks: about.assembly.stacks, promotion: about.promotion };
      await writeText(resolve(workspaceRoot, named(markdown)), planAsMarkdown(plan, digest, order), 'plan');
    }
    const say = (text: string) => listener({ type: 'message', level: 'info', text });
    // Programs that read event by event read the file as well.
    if (options.json !== true) say(planAsText(plan, digest, process.stdout.columns));
    tellLeftBehind(deletions === undefined ? report.leftBehind : { stacks: deletions.kept, notAllSeen: [] }, listener);
    for (const text of report.unused ?? []) listener({ type: 'message', level: 'warning', text });
    const { refusal } = report;
    if (refusal !== undefined) listener({ type: 'message', level: 'error', text: refusal.message, failure: refusal });
    if (refusal !== undefined) say(`The plan is in ${file}, for review: it cannot be deployed.`);
    else {
      // What is checked out may be another release.
      const named = options.release === undefined ? '' : ` --release=${plan.release}`;
      say(`The plan is in ${file}: deploy it with nx deploy <project>${named} --plan=${file} --planDigest=${digest}`);
    }
    return { success: report.success, report: { ...report, file, digest } };
  },
  { page: 'plan' },
);

function isChanging({ outcome }: PlannedStack): boolean {
  return outcome !== 'unchanged';
}

/** What is known of a stack that is about to change. */
function changing({ id, account, region, basis }: PlannedStack) {
  const changeSetId = basis?.changeSet && `changeSet/${basis.changeSet}`;
  return { id, target: `${account}/${region}`, changeSetId, status: basis?.status };
}

/** In a folder that git ignores in most workspaces, since builds go there. */
function defaultOutput(project: string, environment: string | undefined): string {
  const name = [project, environment].filter((part) => part !== undefined).join('-');
  return join('dist', 'plans', `${name.replaceAll(/[/\\]/g, '-').replace(/^@/, '')}.json`);
}
