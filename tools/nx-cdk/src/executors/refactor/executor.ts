import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineExecutor } from '../../command/index.ts';
import { Failure } from '../../failure/index.ts';
import { readOverrides, refactor } from '../../refactor/index.ts';
import type { RefactorExecutorSchema } from './schema.d.ts';

/** Moves resources that have got another name or stack in the app, after asking. Assumes only deploy roles. */
export default defineExecutor(async (options: RefactorExecutorSchema, command) => {
  const { workspaceRoot, listener, signal } = command;
  const { dryRun, overrideFile: file } = options;
  const formerStacks = [options.formerStacks ?? []].flat().flatMap((names) => names.split(','));
  const overrides = file === undefined ? [] : readOverrides(await read(resolve(workspaceRoot, file)), file);
  const { assembly, stacks, promotion, templates, owner } = await command.scope(
    { ...options, exclusively: true },
    { release: { contents: 'none', signed: true } },
  );
  const report = await refactor(
    { assembly, stacks, promotion, templates, owner, overrides, formerStacks, dryRun },
    { aws: await command.aws(), listener, signal, ...(options.yes !== true && { confirm: command.ask }) },
  );
  const say = (text: string) => listener({ type: 'message', level: 'info', text });
  if (report.declined) say('Nothing was moved.');
  if (report.targets.some(({ outcome }) => outcome === 'updated')) {
    say('Run nx deploy <project> now: it brings what else the app says of these stacks.');
  }
  return { success: report.success, report };
});

/** @throws Failure `BadOption` */
async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const what = `${file} that --overrideFile names cannot be read (${cause.code})`;
    throw new Failure('BadOption', { what, next: 'write it, or leave the option out' }, { cause });
  });
}
