import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import {
  nxWorkspace,
  type NxWorkspace,
  openTestBed,
  PROD,
  rootClients,
  STAGING,
  startExecutors,
  type TestBed,
} from 'test-bed';
import { chainApp } from '../bed/apps.ts';
import { ship } from '../bed/ship.ts';

/** A frame of a stack trace. */
const TRACE = /^\s+at .+:\d+:\d+\)?$/m;

const VERSION = '/cdk-bootstrap/hnb659fds/version';

let bed: TestBed;
let workspace: NxWorkspace;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  give('cdk.out', chainApp(bed.folder, 'shop', { env: STAGING }).directory);
});

afterAll(async () => {
  await bed?.close();
});

/** Puts a folder beside the app's assembly. */
function give(name: string, from?: string): string {
  const folder = join(workspace.app, name);
  mkdirSync(folder, { recursive: true });
  if (from !== undefined) cpSync(from, folder, { recursive: true });
  return folder;
}

interface Case {
  readonly options?: object;
  readonly env?: Readonly<Record<string, string>>;
}

/** One refusal: in one sentence without a trace, exit code 1, and with a trace if somebody asks for details. */
async function expectRefusal(executor: string, { options = {}, env = {} }: Case, sentence: RegExp): Promise<void> {
  const run = (verbose: boolean) =>
    startExecutors(workspace.root, [[executor, { ...options, verbose }]], { ...bed.environment(), ...env }).ended;
  const [plain, verbose] = await Promise.all([run(false), run(true)]);
  expect(plain).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
  expect(plain.output).not.toMatch(TRACE);
  expect(verbose).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
  expect(verbose.output).toMatch(TRACE);
  for (const { output } of [plain, verbose]) expectNoSecrets(output);
}

/** The keys are never printed, even if something goes wrong. */
function expectNoSecrets(output: string): void {
  expect(output).not.toMatch(/SecretAccessKey|X-Amz-Security-Token|wrong-secret|expired-token/i);
}

describe.each(['publish', 'deploy'])('%s', (target) => {
  test('without an assembly', () =>
    expectRefusal(
      target,
      { options: { assembly: 'nowhere' } },
      /nowhere holds no cloud assembly: synthesize first \(nx synth/,
    ));

  test.each([
    [
      'that is cut off',
      '{"version": "36.0.0", "artifacts": {',
      /manifest\.json cannot be understood: .*synthesize again/,
    ],
    ['that is something else', '[]', /manifest\.json cannot be understood: .*synthesize again/],
    [
      'that names a file which is not there',
      JSON.stringify({
        version: '36.0.0',
        artifacts: {
          Data: {
            type: 'aws:cloudformation:stack',
            environment: 'aws://111111111111/eu-west-1',
            properties: { templateFile: 'gone.template.json' },
            dependencies: ['Data.assets'],
          },
          'Data.assets': { type: 'cdk:asset-manifest', properties: { file: 'gone.assets.json' } },
        },
      }),
      /gone\.assets\.json is missing, although the assembly names it: synthesize again/,
    ],
  ])('with a manifest %s', async (what, manifest, sentence) => {
    const name = `broken ${what}`.replaceAll(' ', '-');
    writeFileSync(join(give(name), 'manifest.json'), manifest);
    await expectRefusal(target, { options: { assembly: name } }, sentence);
  });

  test('for an unknown environment', () =>
    expectRefusal(target, { options: { environment: 'qa' } }, /^error: There is no environment "qa": /));

  test('for stacks that nothing is called', () =>
    expectRefusal(
      target,
      { options: { stacks: 'Dat?x' } },
      /^error: No stack matches "Dat\?x": there are Data, Service\.$/m,
    ));

  test('with a key that AWS does not know', () =>
    expectRefusal(
      target,
      { env: { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNUNKNOWN00', AWS_SECRET_ACCESS_KEY: 'wrong-secret' } },
      /does not accept the AWS credentials \(InvalidClientTokenId\): check AWS_PROFILE, AWS_ACCESS_KEY_ID/,
    ));

  test('with a wrong secret', () =>
    expectRefusal(
      target,
      { env: { AWS_SECRET_ACCESS_KEY: 'wrong-secret' } },
      /does not accept the AWS credentials \(SignatureDoesNotMatch\): check AWS_PROFILE, AWS_ACCESS_KEY_ID/,
    ));

  test('with a session that has expired', async () => {
    const proxy = await bed.proxy();
    const message = 'The security token included in the request is expired';
    proxy.fail({ match: { service: 'sts' }, with: { status: 403, code: 'ExpiredToken', message }, times: Infinity });
    const env = { AWS_ENDPOINT_URL: proxy.endpoint, AWS_SESSION_TOKEN: 'expired-token' };
    await expectRefusal(
      target,
      { env },
      /The AWS credentials have expired: sign in again and run the same command once more\./,
    );
  });

  test('without any credentials', () =>
    expectRefusal(
      target,
      { env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } },
      /No usable AWS credentials: .*set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in \(aws sso login\)\./,
    ));

  test('for an endpoint where nothing listens', async () =>
    expectRefusal(
      target,
      { env: { AWS_ENDPOINT_URL: `https://127.0.0.1:${await closedPort()}` } },
      /https:\/\/127\.0\.0\.1:\d+ cannot be reached: nothing listens there: check that it is started \(npx local-aws start\)\./,
    ));

  test('for an endpoint whose certificate nobody vouches for', () =>
    expectRefusal(
      target,
      { env: { NX_CDK_CA_FILE: '' } },
      /cannot be reached: its certificate is not trusted: name the file of its certificate authority in AWS_CA_BUNDLE\./,
    ));

  test('for an account that was never bootstrapped', async () => {
    const strange = chainApp(bed.folder, `never-${target}`, { env: { account: '333333333333', region: 'eu-west-1' } });
    give(`never-${target}`, strange.directory);
    await expectRefusal(target, { options: { assembly: `never-${target}` } }, /333333333333.*bootstrap/);
  });

  test('for a region that was never bootstrapped', async () => {
    const strange = chainApp(bed.folder, `region-${target}`, {
      env: { account: STAGING.account, region: 'eu-north-1' },
    });
    give(`region-${target}`, strange.directory);
    await expectRefusal(target, { options: { assembly: `region-${target}` } }, /eu-north-1.*bootstrap/);
  });
});

test('deploy onto a bootstrap that is too old', async () => {
  // given
  const assembly = chainApp(bed.folder, 'old', { env: PROD });
  await ship(assembly, { environment: bed.environment(), stacks: [] });
  give('old', assembly.directory);
  const put = (value: string) =>
    rootClients(bed.local, PROD)
      .ssm()
      .send(new PutParameterCommand({ Name: VERSION, Value: value, Overwrite: true, Type: 'String' }));
  await put('5');

  // then
  await expectRefusal(
    'deploy',
    { options: { assembly: 'old' } },
    /Data: the bootstrap of 222222222222\/us-east-1 is version 5, but \d+ is needed: run nx bootstrap for it/,
  );
});

test('deploy in an account that does not trust the caller', async () => {
  await expectRefusal(
    'deploy',
    { env: { AWS_ACCESS_KEY_ID: '444444444444' } },
    new RegExp(
      `arn:aws:iam::444444444444:root may not sts:AssumeRole arn:aws:iam::${STAGING.account}:role/cdk-hnb659fds-deploy-role-`,
    ),
  );
});

test('Nx itself ends with exit code 1 and shows the same sentence, and the trace with --verbose', async () => {
  const [plain, verbose] = await Promise.all([
    workspace.nx('deploy', ['--assembly=nowhere'], bed.environment()).ended,
    workspace.nx('deploy', ['--assembly=nowhere', '--verbose'], bed.environment()).ended,
  ]);
  expect(plain).toMatchObject({ code: 1, output: expect.stringMatching(/^error: .*nowhere holds no cloud assembly/m) });
  expect(plain.output).not.toMatch(TRACE);
  expect(verbose).toMatchObject({ code: 1, output: expect.stringMatching(TRACE) });
});

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
