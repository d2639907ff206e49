import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../failure/failure.ts';

/**
 * Writes a report as JSON, whole or not at all: who reads it never sees half a file.
 *
 * @throws Failure `Report` naming the file, where it cannot be written
 */
export async function writeReport(file: string, report: object): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, `${JSON.stringify(report, null, 2)}\n`);
    await rename(unfinished, file);
  } catch (cause) {
    throw new Failure('Report', `The report ${file} cannot be written: ${(cause as Error).message}.`, { cause });
  }
}
