import { systemClock } from '../../cloudformation/index.ts';
import {
  type ChosenInstance,
  chosenInstance,
  type Command,
  concurrencyPerTarget,
  defineExecutor,
  instancesOf,
} from '../../command/index.ts';
import { tellLeftBehind } from '../../deploy/index.ts';
import {
  askToDelete,
  askToDeleteLeftBehind,
  deleteLeftBehind,
  destroy,
  type DestroyReport,
  requireByRules,
  tellJudgement,
  withDependents,
} from '../../destroy/index.ts';
import { Failure } from '../../failure/index.ts';
import { deletionsAsText, findDeletions, workspaceRules } from '../../plan/index.ts';
import { agreeOnDeletion, deleteSandboxes, listSandboxes } from '../../sandboxes/index.ts';
import type { DestroyExecutorSchema } from './schema.d.ts';

/** Deletes the selected stacks, or what was left behind, after asking. Assumes only deploy roles. */
export default defineExecutor(async (options: DestroyExecutorSchema, command) => {
  const { environmentsFile, orphans } = options;
  const environments = environmentsFile === undefined ? undefined : command.environments(environmentsFile);
  const instance = chosenInstance(options, environments);
  const report = await (instance !== undefined
    ? destroyInstance(options, instance, command)
    : (orphans === true ? destroyOrphans : destroyStacks)(options, command));
  if (report.declined) command.listener({ type: 'message', level: 'info', text: 'Nothing was deleted.' });
  return { success: report.success, report };
});

async function destroyStacks(options: DestroyExecutorSchema, command: Command): Promise<DestroyReport> {
  const { scope, aws, listener, signal } = command;
  const { exclusively, force, json } = options;
  // What a stack depends on stays where it is; what depends on it has to go first.
  const also = exclusively === true ? undefined : withDependents;
  const { assembly, promotion, stacks, files } = await scope(
    { ...options, exclusively: true },
    { also, release: { contents: 'none', signed: true, stored: true } },
  );
  const terminal = { input: process.stdin, output: json === true ? process.stderr : process.stdout, signal };
  return destroy(
    { assembly, stacks, promotion, rules: workspaceRules(files), ...mannerOf(options, command) },
    {
      aws: await aws(),
      listener,
      signal,
      confirm: force === true ? undefined : (found) => askToDelete(found, terminal),
    },
  );
}

/** Deletes what the app has left behind in the targets of its stacks, and none of them. */
async function destroyOrphans(options: DestroyExecutorSchema, command: Command): Promise<DestroyReport> {
  const { listener, signal, ask } = command;
  const { stacks: patterns, environment, dryRun, force } = options;
  if (patterns !== undefined) {
    const next = 'leave --stacks out: a stack that was left behind has no id, but an environment';
    throw new Failure('BadOption', { what: '--orphans and --stacks exclude each other', next });
  }
  const { assembly, stacks, owner, files } = await command.scope(options, {
    release: { contents: 'none', signed: true, stored: true },
  });
  const dependencies = { aws: await command.aws(), listener, signal };
  const request = { assembly, stacks, owner, environment, otherApps: await command.otherApps() };
  const { deletions, kept } = await findDeletions(request, dependencies);
  tellLeftBehind({ stacks: kept, notAllSeen: [] }, listener);
  const held = { rules: workspaceRules(files), listener, clock: systemClock };
  (dryRun === true ? tellJudgement : requireByRules)(deletions, held);
  const shown = deletionsAsText(deletions, process.stdout.columns);
  const isAsked = deletions.length > 0 && dryRun !== true && force !== true;
  if (!isAsked) listener({ type: 'message', level: 'info', text: shown });
  else if (!(await askToDeleteLeftBehind(deletions, shown, ask, 'look at what it is (--dryRun), and add --force'))) {
    return { success: false, declined: true, interrupted: signal.aborted, milliseconds: 0, stacks: [] };
  }
  return deleteLeftBehind({ assembly, stacks, owner, deletions, ...mannerOf(options, command) }, dependencies);
}

/**
 * Deletes an instance: all stacks that the app deployed for it, by the names of their change sets. What the app says
 * now does not matter, so nothing is synthesized.
 */
async function destroyInstance(
  options: DestroyExecutorSchema,
  { environment, name }: ChosenInstance,
  command: Command,
): Promise<DestroyReport> {
  const { listener, signal, ask } = command;
  const { stacks: patterns, orphans, dryRun, force } = options;
  if (patterns !== undefined || orphans === true) {
    const next = 'leave --stacks and --orphans out: an instance is deleted as a whole';
    throw new Failure('BadOption', { what: '--instance goes with neither --stacks nor --orphans', next });
  }
  const request = instancesOf({ ...options, environment: environment.name }, command);
  const dependencies = { aws: await command.aws(), listener, signal };
  const found = (await listSandboxes(request, dependencies, 'deploy')).filter(({ instance }) => instance === name);
  const nothing = { success: true, declined: false, interrupted: signal.aborted, milliseconds: 0, stacks: [] };
  if (found.length === 0) {
    listener({ type: 'message', level: 'info', text: `${environment.name} has no instance ${name}.` });
    return nothing;
  }
  const given = dryRun === true || force === true;
  const agreement = { given, option: '--force', ask, columns: process.stdout.columns };
  const agreed = await agreeOnDeletion(request, found, agreement, dependencies);
  if (agreed === undefined) return { ...nothing, success: false, declined: true };
  const { deletions, kept } = agreed;
  const report = await deleteSandboxes(request, { deletions, ...mannerOf(options, command) }, dependencies);
  return { ...report, success: report.success && (kept.length === 0 || dryRun === true) };
}

function mannerOf(options: DestroyExecutorSchema, { listener }: Command) {
  const { concurrency, dryRun, express } = options;
  return { concurrency, concurrencyPerTarget: concurrencyPerTarget(options, listener), dryRun, express };
}
