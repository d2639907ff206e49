import { join } from 'node:path';
import { succeeded } from 'test-bed';
import { Guest } from '../guest.ts';

/** Writes what `cdk init` writes, nothing installed. @param folder of the workspace; its name is that of the app */
export async function cdkInit(guest: Guest, folder: string, language: 'typescript' | 'python'): Promise<void> {
  const path = join(guest.root, folder);
  await guest.shell(`mkdir -p ${folder}`);
  const args = ['init', 'sample-app', `--language=${language}`, '--generate-only'];
  succeeded(await guest.inFolder(path, Guest.tool('cdk'), args));
}
