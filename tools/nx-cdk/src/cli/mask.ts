import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { DiffMask, templateSecrets } from '../mask/index.ts';
import { registerSecret } from '../progress/index.ts';
import type { CliCommand } from './commands.ts';
import { workspaceRootOf } from './workspace.ts';

/** Takes secrets out of what `nx diff` writes, before it leaves a job. */
export const maskCommand: CliCommand = {
  name: 'mask',
  summary: 'Copy standard input to standard output without secrets, for the output of nx diff.',
  details: [
    'Hidden are values of variables of programs, defaults of parameters, whatever is called a password, secret, token or key, what looks like a credential,',
    'and every value that a template of the workspace marks as secret. Account ids and names stay. Use it with pipefail: nx diff infra 2>&1 | nx-cdk mask',
  ],
  options: [],
  run: async ({ folder, print }) => {
    for (const secret of await knownSecrets(workspaceRootOf(folder))) registerSecret(secret);
    const mask = new DiffMask();
    for await (const line of createInterface({ input: process.stdin })) {
      const shown = mask.line(stripVTControlCharacters(line));
      if (shown !== undefined) print(shown);
    }
  },
};

/** Secrets in the templates of all assemblies of the workspace. */
async function knownSecrets(root: string): Promise<string[]> {
  const secrets: string[] = [];
  const elsewhere = ['**/node_modules/**', '**/.git/**', '.nx/**'];
  for await (const file of glob('**/*.template.json', { cwd: root, exclude: elsewhere })) {
    secrets.push(...templateSecrets(JSON.parse(await readFile(join(root, file), 'utf8'))));
  }
  return secrets;
}
