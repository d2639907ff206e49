import { setTimeout as wait } from 'node:timers/promises';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { AwsCall, ProgressEvent } from '../progress/index.ts';
import type { AwsClients, Session } from './contract.ts';
import { createAws } from './create-aws.ts';
import {
  type QueryAnswer,
  type QueryRequest,
  type QueryServer,
  queryServer,
  refusal,
  result,
  session,
} from './testing/query-server.ts';

const HERE = { account: '111111111111', region: 'eu-west-1' };
const NAME = 'cdk-hnb659fds-deploy-role-111111111111-eu-west-1';
const ARN = `arn:aws:iam::111111111111:role/${NAME}`;
const ROLE: Session = { ...HERE, role: { kind: 'deploy', region: 'eu-west-1', arn: ARN, externalId: 'handshake' } };
const SECRETS = { caller: 'the-callers-own-secret', session: 'the-secret-of-a-session' };
const STACKS = result('DescribeStacks', '<Stacks></Stacks>');

let server: QueryServer | undefined;
let aws: AwsClients | undefined;
afterEach(async () => {
  aws?.destroy();
  await server?.close();
});

test.each([
  [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1'],
  [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-1' }, 'us-east-1'],
])('the region of %j is %s, as for the CDK CLI', async (environment, region) => {
  aws = createAws({ listener: () => undefined, environment });
  expect(await aws.region()).toBe(region);
});

describe('calls', () => {
  test('go to the endpoint of the environment, with the role’s session, and are reported with role, place and attempts', async () => {
    // given
    const { events, requests } = await given(answerAll);

    // when
    await describeStacks(ROLE);
    await describeStacks(ROLE);

    // then
    expect(requests.map(({ action, keyId }) => [action, keyId])).toEqual([
      ['AssumeRole', 'AKIACALLER'],
      ['DescribeStacks', 'ASIASESSION'],
      ['DescribeStacks', 'ASIASESSION'],
    ]);
    expect(requests[0]!.parameters.get('ExternalId')).toBe('handshake');
    expect(callsIn(events)).toEqual([
      expect.objectContaining({ service: 'sts', action: 'AssumeRole', role: 'caller', target: 'eu-west-1' }),
      ...Array.from({ length: 2 }, () =>
        expect.objectContaining({
          service: 'cloudformation',
          action: 'DescribeStacks',
          role: NAME,
          target: '111111111111/eu-west-1',
          attempts: 1,
          milliseconds: expect.any(Number),
        }),
      ),
    ]);
    const told = JSON.stringify(events);
    for (const secret of Object.values(SECRETS)) expect(told).not.toContain(secret);
  });

  test('of many askers share one session and one client', async () => {
    const { requests } = await given(answerAll);
    await Promise.all(Array.from({ length: 20 }, () => describeStacks(ROLE)));
    expect(requests.filter(({ action }) => action === 'AssumeRole')).toHaveLength(1);
    expect(await aws!.cloudFormation(ROLE)).toBe(await aws!.cloudFormation({ ...ROLE }));
    expect(await aws!.cloudFormation(ROLE)).not.toBe(await aws!.cloudFormation({ ...ROLE, region: 'us-east-1' }));
  });

  test('use keys that stand beside an endpoint, whatever profile the shell names: those keys are for that endpoint', async () => {
    const before = process.env['AWS_PROFILE'];
    process.env['AWS_PROFILE'] = 'of-another-world';
    try {
      const { requests } = await given(answerAll);
      await describeStacks(HERE);
      expect(requests.map(({ keyId }) => keyId)).toEqual(['AKIACALLER']);
    } finally {
      if (before === undefined) delete process.env['AWS_PROFILE'];
      else process.env['AWS_PROFILE'] = before;
    }
  });

  test('go to the endpoint of their own service where there is one', async () => {
    const { requests } = await given(answerAll);
    const own = await queryServer(() => STACKS);
    aws!.destroy();
    aws = connectTo('http://127.0.0.1:1', () => undefined, { AWS_ENDPOINT_URL_CLOUDFORMATION: own.url });
    await describeStacks(HERE);
    expect(own.requests).toHaveLength(1);
    expect(requests).toHaveLength(0);
    aws.destroy();
    await own.close();
  });
});

describe('who the caller is', () => {
  test('is asked once, however many want to know', async () => {
    const { requests } = await given(answerAll);
    const callers = await Promise.all(Array.from({ length: 10 }, () => aws!.caller()));
    expect(new Set(callers).size).toBe(1);
    expect(callers[0]).toEqual({
      account: '123456789012',
      region: 'eu-west-1',
      partition: 'aws',
      arn: 'arn:aws:iam::123456789012:user/me',
    });
    expect(requests).toHaveLength(1);
  });

  test('is asked again after a failure', async () => {
    await given((request) => (request.earlier === 0 ? refusal(400, 'ValidationError', 'no') : answerAll(request)));
    await expect(aws!.caller()).rejects.toThrow('no');
    await expect(aws!.caller()).resolves.toMatchObject({ account: '123456789012' });
  });
});

describe('an answer that is none', () => {
  test.each([
    ['503', () => [503, 'upstream is away']],
    ['500', () => refusal(500, 'InternalFailure', 'try again')],
    ['throttling', () => refusal(400, 'Throttling', 'Rate exceeded')],
    ['a connection that is cut', () => undefined],
  ] as [string, () => QueryAnswer][])(
    'is asked for again: %s',
    async (_, trouble) => {
      const { events } = await given((request) => (request.earlier < 2 ? trouble() : answerAll(request)));
      await describeStacks(HERE);
      expect(callsIn(events)).toEqual([expect.objectContaining({ attempts: 3 })]);
      expect(callsIn(events)[0]).not.toHaveProperty('error');
    },
    20_000,
  );

  test('is not asked for again where asking cannot help', async () => {
    const { events, requests } = await given(() => refusal(403, 'AccessDenied', 'no'));
    await expect(describeStacks(HERE)).rejects.toThrow('no');
    expect(requests).toHaveLength(1);
    expect(callsIn(events)).toEqual([expect.objectContaining({ error: 'AccessDenied', attempts: 1 })]);
  });
});

test('after destroy() no connection is open, so that the process can end', async () => {
  // given connections that are kept alive
  await given(answerAll);
  await Promise.all([describeStacks(ROLE), describeStacks(HERE), aws!.caller()]);
  expect(server!.openSockets()).toBeGreaterThan(0);

  // when
  aws!.destroy();

  // then
  for (let tries = 0; server!.openSockets() > 0 && tries < 100; tries += 1) await wait(10);
  expect(server!.openSockets()).toBe(0);
});

function answerAll({ action }: QueryRequest): QueryAnswer {
  if (action === 'AssumeRole') return session(new Date(Date.now() + 3_600_000), SECRETS.session);
  if (action === 'GetCallerIdentity') {
    return result(
      action,
      '<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>me</UserId>',
    );
  }
  return STACKS;
}

async function given(answer: (request: QueryRequest) => QueryAnswer) {
  server = await queryServer(answer);
  const events: ProgressEvent[] = [];
  aws = connectTo(server.url, (event) => events.push(event));
  return { events, requests: server.requests };
}

function connectTo(
  endpoint: string,
  listener: (event: ProgressEvent) => void,
  more: NodeJS.ProcessEnv = {},
): AwsClients {
  return createAws({
    listener,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIACALLER',
      AWS_SECRET_ACCESS_KEY: SECRETS.caller,
      ...more,
    },
  });
}

async function describeStacks(session: Parameters<AwsClients['cloudFormation']>[0]): Promise<void> {
  await (await aws!.cloudFormation(session)).send(new DescribeStacksCommand({}));
}

function callsIn(events: readonly ProgressEvent[]): AwsCall[] {
  return events.filter((event): event is AwsCall => event.type === 'aws-call');
}
