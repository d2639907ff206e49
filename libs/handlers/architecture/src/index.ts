import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An instruction set that Lambda offers, as AWS calls it. */
export type Architecture = 'arm64' | 'x86_64';

/**
 * What every handler is compiled for and every function runs on: the content of architecture.json, which the builds of
 * compiled handlers read too. Both sides check it: a build refuses another word, and so does the function that would
 * run the result.
 */
export const architecture = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../architecture.json'), 'utf8')) as { architecture: Architecture }
).architecture;
