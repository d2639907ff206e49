import { join } from 'node:path';
import { run } from '@nx-cdk/processes';
import type { TestBed } from 'test-bed';
import type { Guest } from '../guest.ts';
import { addTwice } from './add.ts';
import { deliver } from './deliver.ts';
import { cdkInit } from './stock-app.ts';

/** A repository as `cdk init` has left it gets Nx, and then the plugin. */
export async function cdkInitRepository(guest: Guest, bed: TestBed, language: 'typescript' | 'python'): Promise<void> {
  await cdkInit(guest, '.', language);
  let variables = {};
  if (language === 'typescript') {
    await guest.shell({ npm: 'npm install', pnpm: 'pnpm install', yarn: 'yarn install' }[guest.cell.manager]);
  } else {
    variables = await installPython(guest);
  }
  await guest.commit();
  const { nx, plugins = true } = guest.cell;
  // Without it, Nx 22 and 23 put the newest Nx into a repository that has no package.json.
  const settings = { NX_VERSION: nx, ...(plugins ? {} : { NX_ADD_PLUGINS: 'false' }) };
  await guest.shell(`npx --yes nx@${nx} init --interactive=false`, settings);
  await addTwice(guest);
  if (language === 'typescript') await comesFromCache(guest);
  await deliver(guest, bed, 'acme', variables);
}

/** An app runs again after an edit, and not before: its compilers are programs of their own, and known all the same. */
async function comesFromCache(guest: Guest): Promise<void> {
  const cached = /existing outputs match the cache|local cache/;
  await guest.nx('synth acme');
  expect((await guest.nx('synth acme')).output).toMatch(cached);

  await guest.shell('echo "// edited" >> lib/acme-stack.ts');
  expect((await guest.nx('synth acme')).output).not.toMatch(cached);
  expect((await guest.nx('synth acme')).output).toMatch(cached);
}

/** Returns the variables of an activated environment. */
async function installPython(guest: Guest): Promise<Record<string, string>> {
  const environment = join(guest.root, '.venv');
  await guest.shell('python3 -m venv .venv');
  // With this process's own environment, which may say where pip finds its packages.
  const pip = ['install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'];
  const { failure, lastLines } = await run(join(environment, 'bin', 'pip'), pip, { cwd: guest.root });
  if (failure !== undefined) throw new Error(`pip failed: ${lastLines.join('\n')}`);
  return { VIRTUAL_ENV: environment, PATH: `${join(environment, 'bin')}:${guest.path}` };
}
