import type { Guest } from '../guest.ts';

/**
 * `nx add nx-cdk`, twice: the second time there is nothing to do. The workspace is committed before and after, and has
 * the Nx of its cell all the time.
 */
export async function addTwice(guest: Guest): Promise<void> {
  await guest.commit();
  await guest.nx('add nx-cdk');
  const changes = await guest.changes();
  expect(changes).toMatch(/nx\.json/);
  expect(changes).toMatch(/environments\.json/);
  expect(changes).not.toMatch(/node_modules/);

  await guest.commit();
  await guest.nx('add nx-cdk');
  expect(await guest.changedLines()).toBe('');
  expect((await guest.nx('--version')).output).toContain(`Local: v${guest.cell.nx}`);
}
