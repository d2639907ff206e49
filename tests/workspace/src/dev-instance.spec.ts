import { readFile } from 'node:fs/promises';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  cleanEnvironment,
  type Credentials,
  openWorkspaceBed,
  ROLES,
  rootClients,
  STAGING,
  type StartedProcess,
  startProcess,
  userWhoMayAssume,
  type WorkspaceBed,
} from 'test-bed';

const HOTSWAP = `arn:aws:iam::${STAGING.account}:role/nx-cdk-hotswap-${STAGING.region}`;
const HANDLER = 'libs/handlers/orders-api/src/routes.ts';
const OUTPUT = 'apps/infra/src/service-stack.ts';

describe('nx dev on one instance of an environment', () => {
  let bed: WorkspaceBed;
  let developer: Credentials;
  const running: StartedProcess[] = [];

  beforeAll(async () => {
    bed = await openWorkspaceBed();
    const file = await bed.workspace.readJson<{ environments: object[] }>('environments.json');
    const sandbox = { name: 'sandbox', development: true, instances: true, targets: [STAGING] };
    // No other environment that is not for development may have the same target.
    await bed.workspace.write('environments.json', JSON.stringify({ ...file, environments: [sandbox] }));
    const ci = bed.local.environment();
    await bed.workspace.nx(['bootstrap-sandbox', 'infra'], ci);
    developer = await userWhoMayAssume(bed.local, 'developer', [...ROLES.publishing, ...ROLES.deploying, HOTSWAP]);
  });
  afterAll(async () => {
    for (const one of running) one.killAll('SIGKILL');
    await bed?.close();
  });

  async function start(...args: string[]): Promise<StartedProcess> {
    const { root, home } = bed.workspace;
    const env = { ...cleanEnvironment(root, home), ...developer };
    const started = startProcess('nx', ['dev', 'infra', '--logs=false', ...args], { cwd: root, env });
    running.push(started);
    await started.wrote('Waiting for edits');
    return started;
  }

  const stacks = async () => {
    const client = rootClients(bed.local, STAGING).cloudFormation();
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
    return new Map(Stacks.filter(({ StackName }) => StackName!.includes('orders')).map((one) => [one.StackName!, one]));
  };
  const describedIn = async (name: string) =>
    (await stacks()).get(name)?.Outputs?.map(({ Description }) => Description);

  test('without the role of its targets it is refused, and nothing is deployed', async () => {
    const { output } = await bed.workspace.refusedNx(['dev', 'infra', '--instance=ada'], developer);
    expect(output).toContain(HOTSWAP);
    expect([...(await stacks()).keys()]).toEqual([]);
    // It is made once for all instances, by the app that makes it for every environment.
    await bed.workspace.nx(['deploy', 'required-resources', '--stacks=sandbox/*'], bed.local.environment());
  });

  test('an instance that is named gets edits of handlers and stacks, and no other one does', async () => {
    await bed.workspace.nx(['deploy-sandbox', 'infra', '--instance=ben'], bed.local.environment());
    const session = await start('--instance=ada', '--expires=3d');
    expect(session.output()).toMatch(/^sandbox\/ada: .*deployed/m);

    await bed.workspace.replace(HANDLER, "status: 'ok'", "status: 'edited'");
    await session.wrote(/routes\.ts: orders-api built, 1 function swapped/);
    await bed.workspace.replace(OUTPUT, "'Where the API", "'Where my API");
    await session.wrote(/service-stack\.ts: sandbox\/Service-.* deployed/);

    expect(JSON.stringify(await describedIn('sandbox-ada-orders-service'))).toContain('Where my API');
    expect(JSON.stringify(await describedIn('sandbox-ben-orders-service'))).toContain('Where the API');
    // It is still known whose it is, and until when.
    const { output } = await bed.workspace.nx(['sandboxes', 'infra'], bed.local.environment());
    expect(output).toMatch(/sandbox\/ada: 2 stacks in .* expires in (2 days|\d+ hours)/);
    // The assembly is the instance's own.
    const folder = 'apps/infra/.instances/sandbox/ada/cdk.out';
    expect(await readFile(bed.workspace.path(folder, 'release.json'), 'utf8')).toContain('sandbox/Service');
    session.kill('SIGINT');
    const ended = await session.ended;
    expect(ended.output).toContain('nx deploy-sandbox infra --instance=ada');
  });

  test('by default it is the one called after whoever works here', async () => {
    // As Nx and git know nobody in this workspace by themselves.
    const { root, home } = bed.workspace;
    const env = cleanEnvironment(root, home);
    await startProcess('git', ['config', 'user.name', 'Cleo Test'], { cwd: root, env }).ended;
    const session = await start();
    expect(session.output()).toMatch(/^sandbox\/cleo-test: .*deployed/m);
    session.kill('SIGINT');
    await session.ended;
    expect([...(await stacks()).keys()]).toContain('sandbox-cleo-test-orders-service');
  });

  test('a name that is none is refused', async () => {
    const { output } = await bed.workspace.refusedNx(['dev', 'infra', '--instance=Ada'], developer);
    expect(output).toMatch(/--instance is "Ada": lower-case letters/);
  });

  test('in a CI it is refused', async () => {
    const env = { ...developer, CI: 'true' };
    const { output } = await bed.workspace.refusedNx(['dev', 'infra', '--instance=ada'], env);
    expect(output).toContain('nx dev is for a person at work, and this is a CI');
  });
});
