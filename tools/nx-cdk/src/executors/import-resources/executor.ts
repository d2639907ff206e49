import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineExecutor, writeReport } from '../../command/index.ts';
import { Failure } from '../../failure/index.ts';
import { importResources } from '../../import/index.ts';
import type { ImportExecutorSchema } from './schema.d.ts';

/** Takes resources that are there into a stack, after asking. Assumes only its deploy role. */
export default defineExecutor(async (options: ImportExecutorSchema, command) => {
  const { workspaceRoot, listener, signal } = command;
  const { force, dryRun, resourceMapping: file, recordResourceMapping: recorded } = options;
  const { assembly, stacks, templates, owner } = await command.scope(
    { ...options, exclusively: true },
    { release: { contents: 'none', signed: true } },
  );
  const report = await importResources(
    {
      ...{ assembly, stacks, templates, owner, force, dryRun },
      ...(file !== undefined && { mapping: { file, text: await read(resolve(workspaceRoot, file)) } }),
      ...(recorded !== undefined && { record: (mapping) => writeReport(resolve(workspaceRoot, recorded), mapping) }),
    },
    {
      ...{ aws: await command.aws(), listener, signal },
      yesOrNo: (question) => command.ask(question, []),
      text: command.askForText,
      ...(options.yes !== true && { confirm: command.ask }),
    },
  );
  if (report.outcome === 'updated') {
    const text = 'Run nx deploy <project> next: it brings what the app says of these resources, and outputs.';
    listener({ type: 'message', level: 'info', text });
  }
  if (report.outcome === 'skipped') listener({ type: 'message', level: 'info', text: 'Nothing was imported.' });
  return { success: report.success, report };
});

/** @throws Failure `BadOption` */
async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const what = `${file} that --resourceMapping names cannot be read (${cause.code})`;
    throw new Failure('BadOption', { what, next: 'write it, or leave the option out to be asked' }, { cause });
  });
}
