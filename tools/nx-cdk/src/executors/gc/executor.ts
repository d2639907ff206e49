import { defineExecutor } from '../../command/index.ts';
import { Failure } from '../../failure/index.ts';
import { askToDeleteGarbage, collectGarbage, garbagePlaces } from '../../gc/index.ts';
import type { GcExecutorSchema } from './schema.d.ts';

/** Deletes what was published and nothing needs, after asking. Assumes only the role for garbage. */
export default defineExecutor(
  async (options: GcExecutorSchema, command) => {
    const { environmentsFile, environment, keep = 10, olderThan = '30d', all, dryRun, yes } = options;
    const names = options.verbose === true;
    if (environmentsFile === undefined) {
      const what = 'The app names no environments file, which says where it is deployed to';
      throw new Failure('BadOption', { what, next: 'name it with --environmentsFile' });
    }
    const places = garbagePlaces(command.environments(environmentsFile), environment);
    const owner = (await command.owner())?.id;
    if (owner === undefined) {
      const what = 'Nobody knows which releases are those of this app: the workspace has no name';
      const next =
        'give the package.json of the workspace a "name", and publish; what is published from then on is known';
      throw new Failure('BadOption', { what, next });
    }
    const { listener, signal, ask } = command;
    const report = await collectGarbage(
      { owner, keep, olderThan: milliseconds(olderThan), all, dryRun, places, names },
      {
        aws: await command.aws(),
        listener,
        signal,
        confirm: yes === true ? undefined : (found) => askToDeleteGarbage(found, names, ask),
      },
    );
    if (report.declined) listener({ type: 'message', level: 'info', text: 'Nothing was deleted.' });
    return { success: report.success, report };
  },
  { whenInterrupted: 'nothing more is deleted.' },
);

/** @param text such as `30d` or `36h` */
function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+)([dh])$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (unit === 'd' ? 24 : 1) * 60 * 60_000;
  throw new Failure('BadOption', { what: `--olderThan=${text} is no time`, next: 'give days or hours: 30d, 36h' });
}
