import { rmdir } from 'node:fs/promises';
import { commandsOf } from '@nx-cdk/environments';
import { succeeded, type TestBed } from 'test-bed';
import type { Guest } from '../guest.ts';
import { refusesToPublish } from './deliver.ts';

/** A new workspace, deployed to the local AWS of its own, whose API answers. */
export async function preset(guest: Guest, bed: TestBed): Promise<void> {
  const { manager, nx } = guest.cell;
  await rmdir(guest.root);
  const options = ['--preset=nx-cdk', `--packageManager=${manager}`, '--nxCloud=skip', '--interactive=false'];
  const create = ['--yes', `create-nx-workspace@${nx}`, 'acme', ...options];
  succeeded(await guest.inFolder(guest.folder, 'npx', create));

  const { exec } = commandsOf(manager, guest.root);
  try {
    const started = await guest.shell(`${manager} start ${manager === 'npm' ? '-- ' : ''}--port=0`);
    for (const environment of ['staging', 'prod']) {
      // The API of each has answered: its row ends with a status.
      expect(started.output).toMatch(new RegExp(`^${environment}/Service-.* https://\\S+ +[1-4]\\d\\d `, 'm'));
    }
  } finally {
    await guest.run('sh', ['-c', exec('local-aws stop')]);
  }

  await guest.nx('bootstrap infra', bed.environment());
  await guest.nx('synth infra', bed.environment());
  await refusesToPublish(guest, bed, 'infra');
}
