import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateChangeSetCommand } from '@aws-sdk/client-cloudformation';
import { UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { AwsProxy } from 'aws-proxy';
import { createAws } from 'nx-cdk/src/aws/index.ts';
import {
  CHECKOUT,
  cleanEnvironment,
  type Credentials,
  DeployedApi,
  type DeployReport,
  ENVIRONMENTS,
  openWorkspaceBed,
  reportOf,
  ROLES,
  STACKS,
  STAGING,
  type StartedProcess,
  startProcess,
  userWhoMayAssume,
  type WorkspaceBed,
} from 'test-bed';

const HOTSWAP = `arn:aws:iam::${STAGING.account}:role/nx-cdk-hotswap-${STAGING.region}`;
const HANDLER = 'libs/handlers/orders-api/src/routes.ts';
const EXECUTORS = join(CHECKOUT, 'tools', 'test-bed', 'src', 'run-executors.ts');
const WAITING = /Waiting for edits/g;

describe('nx dev brings each edit to an environment for development', () => {
  let bed: WorkspaceBed;
  let proxy: AwsProxy;
  /** A user of the CI account who may assume all roles that the command takes, and nothing else. */
  let developer: Credentials;
  let api: DeployedApi;
  let running: StartedProcess | undefined;

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    proxy = await bed.proxy();
    const [staging, prod] = ENVIRONMENTS.environments;
    const environments = [{ ...staging, development: true }, prod];
    await bed.workspace.write('environments.json', JSON.stringify({ ...ENVIRONMENTS, environments }));
    await bed.workspace.nx(['deploy-staging', 'required-resources'], bed.environment());
    developer = await userWhoMayAssume(bed.local, 'developer', [...ROLES.publishing, ...ROLES.deploying, HOTSWAP]);
  });
  afterAll(() => bed?.close());

  /** Starts the command, and waits until it waits for edits. Without Nx around it, it can say how it ends. */
  async function start({ withNx }: { withNx: boolean }): Promise<StartedProcess> {
    const { root, home } = bed.workspace;
    const env = { ...cleanEnvironment(root, home), ...developer, ...proxy.environment };
    const options = JSON.stringify({ environmentsFile: 'environments.json', logs: false });
    const [program, ...args] = withNx
      ? ['nx', 'dev', 'infra', '--ui']
      : [process.execPath, '--no-warnings', EXECUTORS, root, 'infra', 'dev', options];
    running = startProcess(program!, args, { cwd: root, env });
    await running.wrote('Waiting for edits');
    return running;
  }

  /** Ctrl-C. @returns what it has written, and how long it took to end, in milliseconds */
  async function end(): Promise<{ output: string; milliseconds: number }> {
    const at = performance.now();
    running!.kill('SIGINT');
    const { output } = await running!.ended;
    return { output, milliseconds: performance.now() - at };
  }

  /** Edits a file, and waits until the edit was brought. @returns what was written meanwhile, and the requests */
  async function edit(file: string, text: string, replacement: string) {
    const before = running!.output();
    const round = [...before.matchAll(WAITING)].length + 1;
    proxy.reset();
    await bed.workspace.replace(file, text, replacement);
    await running!.wrote(new RegExp(`(?:Waiting for edits[^]*){${round}}`));
    const requests = proxy.requests.filter(({ service }) => service !== 'logs');
    return { output: running!.output().slice(before.length), requests };
  }

  const answer = async () => (await api.send('GET', '/')).json();
  const build = () => readFile(bed.workspace.path('libs/handlers/orders-api/dist/index.js'), 'utf8');

  test('it begins with a deployment, in express mode', async () => {
    const { output } = await start({ withNx: true });
    expect(output()).toContain(`${STACKS.stagingService} (${STAGING.account}/${STAGING.region}) created`);
    expect(output()).toContain('express mode');
    expect(output()).not.toContain('prod/');
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy-staging', 'infra'], bed.environment());
    expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    api = new DeployedApi(bed.local, report, STACKS.stagingService);
    expect(await answer()).toEqual({ status: 'ok' });
  });

  test('an edit of a handler is built and swapped, and neither synthesized nor deployed', async () => {
    const { output, requests } = await edit(HANDLER, "status: 'ok'", "status: 'swapped'");

    expect(output).toMatch(/routes\.ts: orders-api built, 1 function swapped, in .* \(build .*, hotswap .*\)/);
    expect(output).toContain('CloudFormation does not know the code of what was swapped');
    expect(await answer()).toEqual({ status: 'swapped' });
    expect(new Set(requests.map(({ service }) => service))).toEqual(new Set(['lambda']));
    // and Nx builds the same, and takes it from its cache the next time
    const built = await build();
    await bed.workspace.nx(['build', 'orders-api']);
    expect(await build()).toBe(built);
  });

  test('its page shows what was done', async () => {
    const [, address] = /Live report: (\S+)/.exec(running!.output())!;
    const page = await (await fetch(address!)).text();
    expect(page).toContain('<title>Develop infra in staging: running</title>');
    expect(page).toContain(`id="item-0-${STACKS.stagingService}"`);
    expect(page).toMatch(/routes\.ts: orders-api built, 1 function swapped, in /);
    expect(running!.output().match(/Live report/g)).toHaveLength(1);
  });

  test('an error is shown, and the next edit brings what was missed', async () => {
    const { output } = await edit(HANDLER, "status: 'swapped'", "status: 'swap");
    expect(output).toContain('Unterminated string literal');
    expect(output).toContain('The build of orders-api failed');
    expect(await answer()).toEqual({ status: 'swapped' });

    await edit(HANDLER, "status: 'swap", "status: 'again'");
    expect(await answer()).toEqual({ status: 'again' });
  });

  test('an edit of a test is no edit', async () => {
    const { output, requests } = await edit('libs/handlers/orders-api/src/routes.spec.ts', 'import', '// x\nimport');
    expect(output).toMatch(/routes\.spec\.ts: nothing changed/);
    expect(requests).toEqual([]);
  });

  test('an edit of a stack is deployed by a change set, with the code that was swapped before', async () => {
    const { output, requests } = await edit('apps/infra/src/service-stack.ts', "'Where the API", "'Where my API");

    expect(output).toMatch(/staging\/Service-.* deployed, in .* \(synth .*, publish .*, deploy .*\)/);
    expect(requests.map(({ action }) => action)).toContain('CreateChangeSet');
    expect(await answer()).toEqual({ status: 'again' });
  });

  test('an error of the app is shown as the app says it', async () => {
    const { output } = await edit(
      'apps/infra/src/main.ts',
      'runApp((app) => {',
      "runApp((app) => {\n  throw Error('oh');",
    );
    expect(output).toContain('Error: oh');
    const back = await edit('apps/infra/src/main.ts', "\n  throw Error('oh');", '');
    expect(back.output).toMatch(/main\.ts: nothing changed/);
  });

  test('what would delete data is refused where nobody can be asked', async () => {
    const { output, requests } = await edit('apps/infra/src/service-stack.ts', "'AccessLogs'", "'OtherLogs'");
    expect(output).toMatch(/would be (deleted|replaced): its data is lost: there is no terminal to ask on/);
    expect(requests.map(({ action }) => action)).not.toContain('ExecuteChangeSet');
    await edit('apps/infra/src/service-stack.ts', "'OtherLogs'", "'AccessLogs'");
  });

  test('Ctrl-C ends it at once', async () => {
    await edit(HANDLER, "status: 'again'", "status: 'last'");
    expect((await end()).milliseconds).toBeLessThan(10_000);
  });

  test('after all edits were taken back a deployment sees nothing to do; the next nx dev puts it right', async () => {
    await bed.workspace.replace(HANDLER, "status: 'last'", "status: 'again'");
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy-staging', 'infra'], bed.environment());
    expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect(await answer()).toEqual({ status: 'last' });

    const { output } = await start({ withNx: false });
    expect(output()).toMatch(/^staging: 1 function swapped, in /m);
    expect(await answer()).toEqual({ status: 'again' });
    // and within a session, the edit that takes another one back does it
    await edit(HANDLER, "status: 'again'", "status: 'other'");
    await edit(HANDLER, "status: 'other'", "status: 'again'");
    expect(await answer()).toEqual({ status: 'again' });
    // and at the end, what is left is named
    await edit(HANDLER, "status: 'again'", "status: 'other'");
    const ended = await end();
    expect(ended.output).toMatch(
      /What runs something else than CloudFormation .*: staging\/Service-.*: staging-orders-/,
    );
  });

  test('after an edit, a deployment brings it by itself: its asset is another one', async () => {
    await bed.workspace.replace(HANDLER, "status: 'other'", "status: 'deployed'");
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy-staging', 'infra'], bed.environment());
    expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'updated']);
    expect(await answer()).toEqual({ status: 'deployed' });
  });

  test('nothing else than the environments file says where it may be done', async () => {
    const prod = await bed.workspace.refusedNx(['dev', 'infra', '--environment=prod'], developer);
    expect(prod.output).toContain('The environment prod is not for development');
    const ci = await bed.workspace.refusedNx(['dev', 'infra'], { ...developer, CI: 'true' });
    expect(ci.output).toContain('nx dev is for a person at work, and this is a CI');
  });

  test('who may not assume the hotswap role is told so, and nothing is deployed', async () => {
    const other = await userWhoMayAssume(bed.local, 'deployer', [...ROLES.publishing, ...ROLES.deploying]);
    const { output } = await bed.workspace.refusedNx(['dev', 'infra'], other);
    expect(output).toContain(`may not sts:AssumeRole ${HOTSWAP}`);
    expect(output).toContain('nx deploy required-resources');
    expect(output).not.toContain('synth:');
  });

  describe('the roles', () => {
    const aws = () =>
      createAws({
        listener: () => undefined,
        environment: { ...developer },
        admission: { refusal: () => undefined, hasTarget: () => true },
      });
    const session = (kind: 'deploy' | 'hotswap') => {
      const deployRole = `arn:aws:iam::${STAGING.account}:role/cdk-hnb659fds-deploy-role-${STAGING.account}-${STAGING.region}`;
      return { ...STAGING, role: { kind, region: STAGING.region, arn: kind === 'hotswap' ? HOTSWAP : deployRole } };
    };
    const denied = expect.objectContaining({ name: expect.stringMatching(/^AccessDenied/) });

    test('the deploy role may not change the code of a function', async () => {
      const lambda = await aws().lambda(session('deploy'));
      const command = new UpdateFunctionCodeCommand({ FunctionName: 'any', ZipFile: Buffer.from('x') });
      await expect(lambda.send(command)).rejects.toEqual(denied);
    });

    test('the hotswap role may neither create a change set, nor publish, nor change a function elsewhere', async () => {
      const clients = aws();
      const [formation, s3, elsewhere] = await Promise.all([
        clients.cloudFormation(session('hotswap')),
        clients.s3(session('hotswap')),
        clients.lambda({ ...session('hotswap'), region: 'us-east-1' }),
      ]);
      const changeSet = new CreateChangeSetCommand({ StackName: 'x', ChangeSetName: 'x', TemplateBody: '{}' });
      await expect(formation.send(changeSet)).rejects.toEqual(denied);
      const bucket = `cdk-hnb659fds-assets-${STAGING.account}-${STAGING.region}`;
      await expect(s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'x', Body: 'x' }))).rejects.toEqual(denied);
      const code = new UpdateFunctionCodeCommand({ FunctionName: 'any', ZipFile: Buffer.from('x') });
      await expect(elsewhere.send(code)).rejects.toEqual(denied);
    });
  });
});
