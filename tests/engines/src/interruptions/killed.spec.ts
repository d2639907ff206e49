import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { AwsProxy } from 'aws-proxy';
import pLimit from 'p-limit';
import { setTimeout as wait } from 'node:timers/promises';
import { chainApp } from '../bed/apps.ts';
import { endStateOf } from '../bed/end-state.ts';
import { outcomes, ship } from '../bed/ship.ts';
import { openTestBed, type TestBed } from '../bed/test-bed.ts';
import { STAGING } from '../publish/accounts.ts';
import { shipInProcess } from '../bed/executor-process.ts';

/** Processes side by side. */
const AT_A_TIME = 3;

let bed: TestBed;
let client: CloudFormationClient;

beforeAll(async () => {
  bed = await openTestBed();
  client = bed.cloudFormation(STAGING);
});

afterAll(async () => {
  await bed?.close();
});

/**
 * Ships an app in a process that is killed when its nth request has arrived: the request is carried out, nobody hears
 * the answer. Together with the request before, that is every state that a killed process can leave behind.
 *
 * @returns the last request
 */
async function killAt(nth: number, assembly: string, proxy: AwsProxy): Promise<string> {
  let last = '';
  let arrived = 0;
  proxy.fail({
    match: ({ service, action }) => {
      arrived += 1;
      if (arrived === nth) {
        last = `${service}:${action}`;
        running.kill('SIGKILL');
      }
      // What was on its way beside it has not arrived.
      return arrived > nth;
    },
    with: 'cut-before',
    times: Infinity,
  });
  const running = shipInProcess(bed.folder, assembly, bed.environment(proxy));
  const { code, output } = await running.ended;
  if (code !== 137)
    throw new Error(`The process was to be killed at request ${nth}, but it ended with ${code}:\n${output}`);
  await carriedOut(proxy);
  return last;
}

/** Waits until the local AWS has finished its last operation. */
async function carriedOut(proxy: AwsProxy): Promise<void> {
  for (let known = -1; known !== proxy.requests.length; await wait(200)) known = proxy.requests.length;
}

test('a deployment killed at any request is finished by the next one, as if it had never been killed', async () => {
  // given a clean run
  const proxy = await bed.proxy();
  const clean = chainApp(bed.folder, 'clean', { env: STAGING });
  const names = (app: string) => clean.stacks.map(({ stackName }) => stackName.replace('clean', app));
  const first = await shipInProcess(bed.folder, clean.directory, bed.environment(proxy)).ended;
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('2 stacks: 2 created') });
  const wanted = await endStateOf(client, 'clean', names('clean'));
  expect(wanted.map(({ operations }) => operations)).toEqual(Array(2).fill(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']));
  const requests = proxy.count();

  // when a process is killed at each of its requests, and the deployment is run again
  const limit = pLimit(AT_A_TIME);
  const runs = await Promise.all(
    Array.from({ length: requests }, (_, index) =>
      limit(async () => {
        const app = `killed-${index + 1}`;
        const assembly = chainApp(bed.folder, app, { env: STAGING });
        const own = await bed.proxy();
        const last = await killAt(index + 1, assembly.directory, own);
        own.reset();
        const second = await ship(assembly, { environment: bed.environment(own) });
        return {
          last,
          ended: outcomes(second),
          success: second.deployed.success,
          state: await endStateOf(client, app, names(app)),
        };
      }),
    ),
  );

  // then
  const killedAt = new Set(runs.map(({ last }) => last));
  // What runs side by side arrives in another order each time, so not every kind of request is met; those that change
  // something are many.
  for (const change of ['s3:PutObject', 'cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet']) {
    expect(killedAt).toContain(change);
  }
  for (const { last, ended, success, state } of runs) {
    expect({ last, ended, success, state }).toEqual({ last, ended, success: true, state: wanted });
  }
});
