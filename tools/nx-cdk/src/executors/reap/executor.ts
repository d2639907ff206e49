import { concurrencyPerTarget, defineExecutor, instancesOf } from '../../command/index.ts';
import { agreeOnDeletion, deleteSandboxes, listSandboxes } from '../../sandboxes/index.ts';
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
  const given = dryRun === true || yes === true;
  const agreement = { given, option: '--yes', ask, columns: process.stdout.columns };
  const agreed = await agreeOnDeletion(request, expired, agreement, dependencies);
  if (agreed === undefined) {
    say('Nothing was deleted.');
    return { success: false, report: { expired, declined: true, stacks: [] } };
  }
  const { deletions, kept } = agreed;
  const limits = { concurrency, concurrencyPerTarget: concurrencyPerTarget(options, listener) };
  const report = await deleteSandboxes(request, { deletions, dryRun, ...limits, onlyExpired: true }, dependencies);
  return { success: report.success, report: { ...report, expired, kept } };
});
