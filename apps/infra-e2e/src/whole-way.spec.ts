import { STACKS, PROD, STAGING } from './landscape.ts';
import { DeployedApi, type Order } from './deployed-api.ts';
import { type DeployReport, eventsOf, outcomes, places, reportOf } from './reports.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

describe('The whole way, from a fresh clone to a changed handler in two accounts', () => {
  let bed: TestBed;
  /** The CI account's keys and the local AWS's endpoint. */
  let ci: Record<string, string>;
  let deployed: DeployReport;

  beforeAll(async () => {
    bed = await openTestBed();
    ci = bed.aws.environment();
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
    ['staging', STACKS.stagingService],
    ['prod', STACKS.prodService],
  ])('answers in %s: an order is taken, kept and processed by the worker', async (_environment, service) => {
    // given
    const api = new DeployedApi(bed.aws, deployed, service);

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

  test('finds nothing to do the second time', async () => {
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'infra'], ci);

    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['unchanged']));
  });
});
