/**
 * Records the runs that tests of pages are made of, on a local AWS, into `report/testing` of nx-cdk:
 * `npx nx record page-tests`, after an edit of what a page is made from.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, CI, nxWorkspace, openTestBed, PROD, STAGING, startExecutors, type Step } from 'test-bed';
import { APP } from './app.ts';

const FIXTURES = join(CHECKOUT, 'tools/nx-cdk/src/report/testing');

const bed = await openTestBed({ bootstrapped: true, own: true, log: console.log });
try {
  const { root, app } = await nxWorkspace(join(bed.folder, 'workspace'));
  writeFileSync(join(app, 'app.mjs'), APP);
  const environments = [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [PROD] },
  ];
  const environmentsFile = (plan?: object) =>
    writeFileSync(join(root, 'environments.json'), JSON.stringify({ ci: CI, environments, plan }));
  environmentsFile();

  const run = async (...steps: readonly Step[]) => {
    const { output } = await startExecutors(root, steps, bed.environment()).ended;
    console.log(output);
  };
  /** Runs a command, and keeps what its page is made from. */
  const record = async (name: string, executor: string, options: object) => {
    await run([executor, { environmentsFile: 'environments.json', ...options }]);
    const folder = join(root, 'dist/reports/shop');
    const newest = readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .toSorted()
      .at(-1)!;
    const recorded = readFileSync(join(folder, newest), 'utf8').replaceAll(root, '/workspace');
    writeFileSync(join(FIXTURES, `${name}.json`), `${JSON.stringify(JSON.parse(recorded), null, 2)}\n`);
  };
  for (const kind of ['first', 'broken', 'replaced']) {
    await run(['synth', { context: [`kind=${kind}`], output: `${kind}.out` }]);
  }
  await record('publish', 'publish', { assembly: 'first.out' });
  await record('created', 'deploy', { assembly: 'first.out' });
  await record('unchanged', 'deploy', { assembly: 'first.out' });
  await record('publish-again', 'publish', { assembly: 'broken.out' });
  await record('failed', 'deploy', { assembly: 'broken.out' });
  await run(['publish', { assembly: 'replaced.out' }]);
  environmentsFile({ refuse: ['deletes-stateful'], accept: [] });
  await record('refused', 'deploy', { assembly: 'replaced.out' });
  await record('plan', 'plan', { assembly: 'replaced.out' });
} finally {
  await bed.close();
}
