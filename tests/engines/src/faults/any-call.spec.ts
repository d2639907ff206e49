import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { AwsProxy, FaultKind } from 'aws-proxy';
import pLimit from 'p-limit';
import { openTestBed, rootClients, STAGING, type TestBed } from 'test-bed';
import { chainApp } from '../bed/apps.ts';
import { endStateOf, type StackState } from '../bed/end-state.ts';
import { outcomes, ship } from '../bed/ship.ts';

/** Runs side by side: most of a run with a fault is the pause before the call is tried again. */
const AT_A_TIME = 6;

let bed: TestBed;
let client: CloudFormationClient;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  client = rootClients(bed.local, STAGING).cloudFormation();
});

afterAll(async () => {
  await bed?.close();
});

interface Run {
  readonly outcomes: Record<string, string>;
  readonly state: StackState[];
  readonly requests: string[];
}

/**
 * Creates the two stacks of an app that was never deployed, and updates them if `changed`, behind a proxy of its
 * own.
 */
async function run(name: string, changed: boolean, disturb: (proxy: AwsProxy) => void = () => {}): Promise<Run> {
  const proxy = await bed.proxy();
  const environment = bed.environment(proxy);
  const first = chainApp(bed.folder, name, { env: STAGING });
  if (changed) await ship(first, { environment });
  const assembly = changed ? chainApp(bed.folder, name, { env: STAGING, visibility: 60 }) : first;
  proxy.reset();
  disturb(proxy);
  const shipment = await ship(assembly, { environment });
  const requests = proxy.requests.map(
    ({ service, action, fault }) => `${service}:${action}${fault ? ` ${fault}` : ''}`,
  );
  return {
    outcomes: outcomes(shipment),
    state: await endStateOf(
      client,
      name,
      assembly.stacks.map(({ stackName }) => stackName),
    ),
    requests,
  };
}

/**
 * If a call is refused, nothing has happened, and any call can be made again: shown for creations. If its answer is
 * lost, what it did has to be recognized: shown for updates as well. One call of each kind is enough here:
 * `deploy/interruptions.spec.ts` of the plugin loses the answer of every call to CloudFormation.
 */
const SHOWN: readonly [string, boolean, readonly FaultKind[]][] = [
  ['creates', false, ['throttling', 'service-unavailable', 'lost-answer']],
  ['updates', true, ['lost-answer']],
];

describe.each(SHOWN)('a deployment that %s two dependent stacks', (_, changed, kinds) => {
  let clean: Run;

  beforeAll(async () => {
    clean = await run(`clean-${changed ? 'update' : 'create'}`, changed);
  });

  test('is a clean run without faults', () => {
    const operations = changed
      ? ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE']
      : ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'];
    expect(clean.state).toMatchObject([
      { name: '<app>-Data', tags: { team: 'orders' }, parameters: { Size: 'small' }, operations },
      { name: '<app>-Service', terminationProtection: true, operations },
    ]);
    expect(clean.requests).toContain('cloudformation:ExecuteChangeSet');
  });

  test.each(kinds)('ends the same with "%s" at a call of any kind', async (kind) => {
    const limit = pLimit(AT_A_TIME);
    const calls = [...new Set(clean.requests)].map((call) => clean.requests.indexOf(call) + 1);
    const runs = await Promise.all(
      calls.map((nth) =>
        limit(async () => {
          const name = `${kind}-${changed ? 'update' : 'create'}-${nth}`;
          return run(name, changed, (proxy) => proxy.fail({ nth, with: kind }));
        }),
      ),
    );

    // then each run met its fault, and nothing of it is left
    expect(runs.map(({ requests }) => requests.filter((request) => request.endsWith(kind)).length)).toEqual(
      calls.map(() => 1),
    );
    for (const [index, { outcomes: ended, state }] of runs.entries()) {
      const call = clean.requests[calls[index]! - 1];
      expect({ call, ended, state }).toEqual({
        call,
        ended: named(clean.outcomes, ended),
        state: clean.state,
      });
    }
  });
});

/** Outcomes of a clean run under the labels of another one: assets are called after the app. */
function named(clean: Record<string, string>, like: Record<string, string>): Record<string, string> {
  const values = Object.values(clean);
  return Object.fromEntries(Object.keys(like).map((key, index) => [key, values[index]!]));
}
