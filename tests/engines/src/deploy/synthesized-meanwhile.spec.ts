import { setTimeout as wait } from 'node:timers/promises';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { describeRelease, writeReleaseManifest } from 'nx-cdk/src/release/index.ts';
import { openTestBed, rootClients, STAGING, type TestBed } from 'test-bed';
import { gatedApp, openGate } from '../bed/apps.ts';
import { outcomes, ship } from '../bed/ship.ts';

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
});

afterAll(() => bed?.close());

/** A release in always the same folder. */
async function synthesize(visibility: number) {
  const assembly = gatedApp(bed.folder, 'Meanwhile', { env: STAGING, visibility });
  await writeReleaseManifest(assembly.directory, await describeRelease(assembly, { tools: {} }));
  return assembly;
}

test('a deployment brings what it began with, and the next one what was synthesized meanwhile', async () => {
  const client = rootClients(bed.local, STAGING).cloudFormation();
  const visibilityOf = async (StackName: string) => {
    const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName }));
    const { Resources } = JSON.parse(TemplateBody) as { Resources: { Queue: { Properties: object } } };
    return Resources.Queue.Properties;
  };
  const environment = bed.environment();

  // given a deployment whose first stack takes its time, and a synthesis into the same folder meanwhile
  let synthesized: Promise<unknown> | undefined;
  const first = await ship(await synthesize(2), {
    environment,
    listener: (event) => {
      if (event.type !== 'item-progress' || event.id !== 'Slow' || event.step !== 'creating') return;
      synthesized ??= synthesize(3).then(async () => {
        // The stack is told before it begins.
        while (
          !(await openGate(client, 'Meanwhile').then(
            () => true,
            () => false,
          ))
        )
          await wait(200);
      });
    },
  });
  await synthesized;

  // then
  expect(outcomes(first)).toMatchObject({ Slow: 'created', After: 'created' });
  expect(await visibilityOf('Meanwhile-After')).toEqual({ VisibilityTimeout: 2 });

  // when
  const next = await ship(await synthesize(3), { environment });

  // then
  expect(outcomes(next)).toMatchObject({ Slow: 'unchanged', After: 'updated' });
  expect(await visibilityOf('Meanwhile-After')).toEqual({ VisibilityTimeout: 3 });
});
