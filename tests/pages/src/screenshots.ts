/** Makes the pictures of pages in `docs/images` again: `npx nx screenshots page-tests`. */
import { join } from 'node:path';
import { pageOf, type RunFile } from 'nx-cdk/src/report/index.ts';
import { syntheticRun } from 'nx-cdk/src/report/testing/synthetic-run.ts';
import { CHECKOUT } from 'test-bed';
import { openViewer } from './browser.ts';
import { recorded } from './runs.ts';

const PICTURES: Readonly<Record<string, readonly [run: RunFile, height: number]>> = {
  'deploy-page': [syntheticRun({ stacks: 14, concurrency: 3, changeEvery: 1, chain: 4, resources: 4 }), 1180],
  'plan-page': [recorded('plan'), 800],
};

const viewer = await openViewer();
try {
  for (const [name, [run, height]] of Object.entries(PICTURES)) {
    const { page } = await viewer.show(await pageOf(run), { viewport: { width: 1100, height } });
    await page.screenshot({ path: join(CHECKOUT, 'docs/images', `${name}.png`) });
  }
} finally {
  await viewer.close();
}
