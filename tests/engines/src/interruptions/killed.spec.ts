import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import pLimit from 'p-limit';
import { openTestBed, rootClients, shipInProcess, STAGING, type TestBed } from 'test-bed';
import { chainApp } from '../bed/apps.ts';
import { endStateOf } from '../bed/end-state.ts';
import { killAt } from '../bed/kill.ts';
import { outcomes, ship } from '../bed/ship.ts';

/** Processes side by side. */
const AT_A_TIME = 3;

let bed: TestBed;
let client: CloudFormationClient;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  client = rootClients(bed.local, STAGING).cloudFormation();
});

afterAll(async () => {
  await bed?.close();
});

// Every call to CloudFormation, and both sides of it, are in deploy/interruptions.spec.ts of the plugin.
test('a deployment killed at a request of any kind is finished by the next one, as if it had never been', async () => {
  // given a clean run
  const proxy = await bed.proxy();
  const clean = chainApp(bed.folder, 'clean', { env: STAGING });
  const names = (app: string) => clean.stacks.map(({ stackName }) => stackName.replace('clean', app));
  const first = await shipInProcess(bed.folder, clean.directory, bed.environment(proxy)).ended;
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('2 stacks: 2 created') });
  const wanted = await endStateOf(client, 'clean', names('clean'));
  expect(wanted.map(({ operations }) => operations)).toEqual(Array(2).fill(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']));
  const kinds = [...new Set(proxy.requests.map(({ service, action }) => `${service}:${action}`))];
  expect(kinds).toEqual(
    expect.arrayContaining([
      's3:PutObject',
      'cloudformation:CreateChangeSet',
      'cloudformation:DescribeChangeSet',
      'cloudformation:ExecuteChangeSet',
    ]),
  );

  // when a process is killed at each of them, and the deployment is run again
  const limit = pLimit(AT_A_TIME);
  const runs = await Promise.all(
    kinds.map((request, index) =>
      limit(async () => {
        const app = `killed-${index + 1}`;
        const assembly = chainApp(bed.folder, app, { env: STAGING });
        const own = await bed.proxy();
        await killAt({ request }, own, () => shipInProcess(bed.folder, assembly.directory, bed.environment(own)));
        own.reset();
        const second = await ship(assembly, { environment: bed.environment(own) });
        return {
          request,
          ended: outcomes(second),
          success: second.deployed.success,
          state: await endStateOf(client, app, names(app)),
        };
      }),
    ),
  );

  // then
  for (const { request, ended, success, state } of runs) {
    expect({ request, ended, success, state }).toEqual({ request, ended, success: true, state: wanted });
  }
});
