import { rm } from 'node:fs/promises';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  DeployedApi,
  type DeployReport,
  eventsOf,
  openWorkspaceBed,
  type Order,
  outcomes,
  places,
  PROD,
  reportOf,
  rootClients,
  STACKS,
  STAGING,
  type WorkspaceBed,
} from 'test-bed';
import { treeOf } from './tree.ts';

describe('The whole way, from a fresh clone to a changed handler in two accounts', () => {
  let bed: WorkspaceBed;
  /** The CI account's keys and the local AWS's endpoint. */
  let ci: Record<string, string>;
  let deployed: DeployReport;

  beforeAll(async () => {
    bed = await openWorkspaceBed();
    ci = bed.local.environment();
  });
  afterAll(() => bed?.close());

  test('bootstraps every account and region, once', async () => {
    // when
    const first = await bed.workspace.nx(['bootstrap', 'infra', '--json'], ci);
    const second = await bed.workspace.nx(['bootstrap', 'infra', '--json'], ci);

    // then
    const ends = (result: typeof first) =>
      eventsOf(result)
        .filter(({ type }) => type === 'item-finished')
        .map(({ outcome }) => outcome);
    expect(ends(first)).toEqual(['created', 'created', 'created']);
    expect(ends(second)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  test('deploys to both accounts: data before service, staging before prod', async () => {
    // when
    const { report, result } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'infra', '--json'], ci);

    // then
    const staging = `${STAGING.account}/${STAGING.region}`;
    const prod = `${PROD.account}/${PROD.region}`;
    expect(places(report)).toEqual({
      [STACKS.stagingData]: staging,
      [STACKS.stagingService]: staging,
      [STACKS.prodData]: prod,
      [STACKS.prodService]: prod,
    });
    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['created']));
    const order = eventsOf(result)
      .filter(
        ({ type, id }) =>
          ['item-started', 'item-finished'].includes(type) && report.stacks.some((stack) => stack.id === id),
      )
      .map(({ type, id }) => `${type} ${id}`);
    const expected = Object.values(STACKS).flatMap((id) => [`item-started ${id}`, `item-finished ${id}`]);
    expect(order).toEqual(expected);
    deployed = report;
  });

  test.each([
    ['goes with its stack in staging', 'staging-orders-data', STAGING, false],
    ['stays in prod, where a person approves deployments', 'prod-orders-data', PROD, true],
  ])('has data that %s', async (_, StackName, place, kept) => {
    const client = rootClients(bed.local, place).cloudFormation();
    const { TemplateBody: template } = await client.send(new GetTemplateCommand({ StackName }));

    expect(template!.includes('"DeletionPolicy": "RetainExceptOnCreate"')).toBe(kept);
    expect(template!.includes('"DeletionPolicy": "Delete"')).toBe(!kept);
  });

  test.each([
    ['staging', STACKS.stagingService],
    ['prod', STACKS.prodService],
  ])('answers in %s: an order is taken, kept and processed by the worker', async (_environment, service) => {
    // given
    const api = new DeployedApi(bed.local, deployed, service);

    // when
    const placed = await api.send('POST', '/orders', JSON.stringify({ item: 'tea', quantity: 2 }));
    const order = (await placed.json()) as Order;

    // then
    expect(placed.status).toBe(201);
    expect(await api.processed(order.id)).toMatchObject({
      id: order.id,
      item: 'tea',
      quantity: 2,
      status: 'PROCESSED',
    });
  });

  test('takes no order that nobody has signed', async () => {
    const api = new DeployedApi(bed.local, deployed, STACKS.prodService);

    expect((await api.sendUnsigned('GET', '/')).status).toBe(200);
    expect((await api.sendUnsigned('POST', '/orders', JSON.stringify({ item: 'tea' }))).status).toBe(403);
  });

  test('finds nothing to do the second time', async () => {
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'infra'], ci);

    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['unchanged']));
  });

  test('takes an edit of one handler to its users only', async () => {
    // given
    await bed.workspace.commit('Before the edit');
    await bed.workspace.replace('libs/handlers/orders-api/src/routes.ts', "status: 'ok'", "status: 'edited'");

    // when
    const affected = await bed.workspace.nx(['show', 'projects', '--affected', '--base=HEAD', '--json'], ci);
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'infra'], ci);

    // then
    const projects = JSON.parse(affected.stdout) as string[];
    expect(projects).toEqual(expect.arrayContaining(['orders-api', 'infra']));
    for (const untouched of ['orders-worker', 'quotes', 'nx-cdk', 'local-aws'])
      expect(projects).not.toContain(untouched);
    expect(outcomes(report)).toEqual({
      [STACKS.stagingData]: 'unchanged',
      [STACKS.stagingService]: 'updated',
      [STACKS.prodData]: 'unchanged',
      [STACKS.prodService]: 'updated',
    });
    expect(await status(STACKS.stagingService)).toEqual({ status: 'edited' });
    expect(await status(STACKS.prodService)).toEqual({ status: 'edited' });
  });

  test('deploys one environment alone, without a word to the other one', async () => {
    // given
    await bed.workspace.replace('libs/handlers/orders-api/src/routes.ts', "status: 'edited'", "status: 'tried'");

    // when
    const proxy = await bed.proxy();
    const counted = { ...ci, ...proxy.environment };
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy-staging', 'infra'], counted);

    // then
    expect(outcomes(report)).toEqual({
      [STACKS.stagingData]: 'unchanged',
      [STACKS.stagingService]: 'updated',
    });
    expect(proxy.requests.map(({ account }) => account)).toContain(STAGING.account);
    expect(proxy.requests.map(({ account }) => account)).not.toContain(PROD.account);
    expect(await status(STACKS.stagingService)).toEqual({ status: 'tried' });
    expect(await status(STACKS.prodService)).toEqual({ status: 'edited' });
  });

  test('keeps the assembly in the cache of Nx and brings it back byte by byte', async () => {
    // given
    await bed.workspace.nx(['run-many', '-t', 'synth'], ci);
    const synthesized = await treeOf(bed.workspace.path('apps/infra/cdk.out'));
    await rm(bed.workspace.path('apps/infra/cdk.out'), { recursive: true });

    // when
    const { output } = await bed.workspace.nx(['run-many', '-t', 'synth'], {});

    // then
    expect(output).toContain('nx run infra:synth  [local cache]');
    expect(await treeOf(bed.workspace.path('apps/infra/cdk.out'))).toEqual(synthesized);
  });

  describe('with the configuration local-aws', () => {
    test('is refused where nothing says where the local AWS is, instead of going to AWS', async () => {
      const { output } = await bed.workspace.refusedNx(['deploy', 'infra', '-c', 'local-aws']);

      expect(output).toContain('AWS_ENDPOINT_URL is not set');
      expect(output).toContain('npx local-aws start');
    });

    test('takes endpoint and keys from .env.local-aws and nothing from the shell', async () => {
      // given
      const lines = Object.entries(ci).map(([name, value]) => `${name}=${value}`);
      await bed.workspace.write('.env.local-aws', `${lines.join('\n')}\n`);

      // when
      const args = ['deploy-staging', 'infra', '-c', 'local-aws'];
      const { report } = await reportOf<DeployReport>(bed.workspace, args, {});

      // then
      expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['unchanged']));
    });
  });

  describe('after every account was emptied', () => {
    beforeAll(() => bed.local.reset());

    test('says that there is no bootstrap', async () => {
      const { output } = await bed.workspace.refusedNx(['deploy', 'infra'], ci);

      expect(output).toContain('nx bootstrap');
    });

    test('does the whole work again, trusting no cache', async () => {
      // when
      await bed.workspace.nx(['bootstrap', 'infra'], ci);
      const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'infra'], ci);

      // then
      expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['created']));
      deployed = report;
      expect(await status(STACKS.prodService)).toEqual({ status: 'tried' });
    });
  });

  /** What the API of a service stack answers. */
  async function status(service: string): Promise<unknown> {
    return (await new DeployedApi(bed.local, deployed, service).sendUnsigned('GET', '/')).json();
  }
});
