import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../failure/index.ts';

/**
 * Writes a report as JSON, whole or not at all: who reads it never sees half a file.
 *
 * @throws Failure `Report` naming the file, if it cannot be written
 */
export async function writeReport(file: string, report: object): Promise<void> {
  await writeText(file, `${JSON.stringify(report, null, 2)}\n`);
}

/**
 * Writes a text, whole or not at all.
 *
 * @param what it is, for a sentence
 * @throws Failure `Report` naming the file, if it cannot be written
 */
export async function writeText(file: string, text: string, what = 'report'): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    const next = (cause as Error).message;
    throw new Failure('Report', { what: `The ${what} ${file} cannot be written`, next }, { cause });
  }
}
