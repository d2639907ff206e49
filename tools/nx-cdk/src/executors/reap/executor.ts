import { concurrencyPerTarget, defineExecutor, instancesOf } from '../../command/index.ts';
import { askToDeleteLeftBehind } from '../../destroy/index.ts';
import { deletionsAsText } from '../../plan/index.ts';
import {
  deleteSandboxes,
  findSandboxStacks,
  listSandboxes,
  sandboxesAsText,
  sandboxDeletionsTitle,
} from '../../sandboxes/index.ts';
import type { ReapExecutorSchema } from './schema.d.ts';

/** Deletes the instances of an app that have expired, after asking. Assumes only deploy roles. */
export default defineExecutor(async (options: ReapExecutorSchema, command) => {
  const { listener, signal, ask } = command;
  const { dryRun, yes, concurrency } = options;
  const say = (text: string) => listener({ type: 'message', level: 'info', text });
  const request = instancesOf(options, command);
  const dependencies = { aws: await command.aws(), listener, signal };
  const expired = (await listSandboxes(request, dependencies, 'deploy')).filter((one) => one.expired);
  if (expired.length === 0) {
    say('No instance has expired.');
    return { success: true, report: { expired, stacks: [] } };
  }
  say(sandboxesAsText(expired, Date.now()));
  const { deletions, kept } = await findSandboxStacks(request, expired, dependencies);
  for (const { stackName, stays } of kept) {
    listener({ type: 'message', level: 'warning', text: `${stackName} stays: ${stays}` });
  }
  const shown = deletionsAsText(deletions, process.stdout.columns, sandboxDeletionsTitle(deletions));
  const isAsked = deletions.length > 0 && dryRun !== true && yes !== true;
  if (!isAsked) say(shown);
  else if (!(await askToDeleteLeftBehind(deletions, shown, ask, 'look at what it is (--dryRun), and add --yes'))) {
    say('Nothing was deleted.');
    return { success: false, report: { expired, declined: true, stacks: [] } };
  }
  const limits = { concurrency, concurrencyPerTarget: concurrencyPerTarget(options, listener) };
  const report = await deleteSandboxes(request, { deletions, dryRun, ...limits, onlyExpired: true }, dependencies);
  return { success: report.success, report: { ...report, expired, kept } };
});
