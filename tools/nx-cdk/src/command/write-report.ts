import { constants, copyFile, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
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
  await writeWhole(file, text, what, rename);
}

/**
 * Writes a text as a file that was not there, whole or not at all.
 *
 * @returns whether it was not there
 * @throws Failure `Report` naming the file, if it cannot be written
 */
export async function writeNewText(file: string, text: string): Promise<boolean> {
  let isNew = true;
  await writeWhole(file, text, 'report', async (unfinished) => {
    await link(unfinished, file).catch(async ({ code }: NodeJS.ErrnoException) => {
      isNew = code !== 'EEXIST';
      // Not every file system has links.
      if (isNew) await copyFile(unfinished, file, constants.COPYFILE_EXCL);
    });
    await rm(unfinished, { force: true });
  });
  return isNew;
}

/** @param finish puts the finished file where it belongs */
async function writeWhole(
  file: string,
  text: string,
  what: string,
  finish: (unfinished: string, file: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${file}.${process.pid}.${(number += 1)}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(unfinished, text);
    await finish(unfinished, file);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    const next = (cause as Error).message;
    throw new Failure('Report', { what: `The ${what} ${file} cannot be written`, next }, { cause });
  }
}

/** Of files that this process has written: it may write the same one twice at a time. */
let number = 0;
