import {
  type DeployReport,
  openWorkspaceBed,
  outcomes,
  type PublishReport,
  reportOf,
  STACKS,
  STAGING,
  type WorkspaceBed,
} from 'test-bed';
import { deployByChangeSet, StockTools } from './stock-tools.ts';

/** One step of a pipeline: this target and nothing that it depends on. */
const step = (target: string) => [target, 'infra', '--excludeTaskDependencies'];

describe('Interchangeable with the stock tools', () => {
  let bed: WorkspaceBed;
  let ci: Record<string, string>;
  let stock: StockTools;
  /** What the handler answers now; each edit has to differ from the last one. */
  let edition = 'ok';

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    ci = bed.local.environment();
    stock = new StockTools(bed.workspace, bed.local, 'apps/infra');
  });
  afterAll(() => bed?.close());

  describe('an assembly of cdk synth', () => {
    test('goes through our publish and deploy', async () => {
      // given
      await bed.workspace.nx(['run-many', '-t', 'build']);
      await stock.synth();

      // when
      await bed.workspace.nx(step('publish'), ci);
      const { report } = await reportOf<DeployReport>(bed.workspace, step('deploy'), ci);

      // then
      expect(outcomes(report)).toEqual({
        [STACKS.stagingData]: 'created',
        [STACKS.stagingService]: 'created',
        [STACKS.prodData]: 'created',
        [STACKS.prodService]: 'created',
      });
    });

    test('is then what cdk deploy finds: no changes', async () => {
      const { output } = await stock.deploy();

      expect(output.match(/\(no changes\)/g)).toHaveLength(Object.keys(STACKS).length);
    });

    test('is the same as ours: deploying ours changes nothing', async () => {
      // when
      await bed.workspace.nx(['publish', 'infra'], ci);
      const { report } = await reportOf<DeployReport>(bed.workspace, step('deploy'), ci);

      // then
      expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['unchanged']));
    });
  });

  describe('our assembly', () => {
    test('goes through cdk deploy, and our tools find nothing left to do', async () => {
      // given
      await editHandler();
      await bed.workspace.nx(['synth', 'infra'], ci);

      // when
      const { output } = await stock.deploy();

      // then
      expect(output.match(/\(no changes\)/g)).toHaveLength(2);
      await expectNothingLeftToDo('publish', 'deploy', Object.values(STACKS));
    });

    test('goes through cdk-assets, with nothing left for our publish, and our deploy', async () => {
      // given
      await editHandler();
      await bed.workspace.nx(['synth', 'infra'], ci);

      // when
      const manifests = await stock.publishAssets();
      const published = await reportOf<PublishReport>(bed.workspace, step('publish'), ci);
      const { report } = await reportOf<DeployReport>(bed.workspace, step('deploy'), ci);

      // then
      expect(manifests).toBe(Object.keys(STACKS).length);
      expect(published.report.totals).toMatchObject({ unchanged: published.report.totals.destinations, uploaded: 0 });
      expect(outcomes(report)).toMatchObject({ [STACKS.stagingService]: 'updated', [STACKS.prodService]: 'updated' });
    });

    test('goes through plain change sets, and our tools find nothing left to do', async () => {
      // given
      await editHandler();
      await bed.workspace.nx(['publish-staging', 'infra'], ci);
      const manifest = await bed.workspace.readJson<Manifest>('apps/infra/cdk.out/assembly-staging/manifest.json');
      const stack = Object.values(manifest.artifacts).find(({ displayName }) => displayName === STACKS.stagingService);
      const { stackName, templateFile } = stack?.properties ?? {};
      const template = bed.workspace.path('apps/infra/cdk.out/assembly-staging', templateFile ?? '');

      // when
      await deployByChangeSet(bed.local, STAGING, stackName ?? '', template);

      // then
      await expectNothingLeftToDo('publish-staging', 'deploy-staging', [STACKS.stagingData, STACKS.stagingService]);
    });
  });

  async function editHandler(): Promise<void> {
    const next = `${edition}+`;
    await bed.workspace.replace('libs/handlers/orders-api/src/routes.ts', `status: '${edition}'`, `status: '${next}'`);
    edition = next;
  }

  /**
   * Our publish uploads nothing, our deploy calls the stacks unchanged and does not even make a change set to find out.
   */
  async function expectNothingLeftToDo(publish: string, deploy: string, stacks: readonly string[]): Promise<void> {
    const published = await reportOf<PublishReport>(bed.workspace, step(publish), ci);
    const proxy = await bed.proxy();
    const counted = { ...ci, ...proxy.environment };
    const { report: deployed } = await reportOf<DeployReport>(bed.workspace, step(deploy), counted);
    expect(published.report.totals).toMatchObject({ uploaded: 0, unchanged: published.report.totals.destinations });
    expect(outcomes(deployed)).toEqual(Object.fromEntries(stacks.map((id) => [id, 'unchanged'])));
    expect(proxy.count({ action: 'DescribeStacks' })).toBeGreaterThan(0);
    expect(proxy.count({ action: 'CreateChangeSet' })).toBe(0);
  }
});

/** What the suite reads of an assembly's manifest. */
interface Manifest {
  readonly artifacts: Readonly<
    Record<string, { displayName?: string; properties?: { stackName?: string; templateFile?: string } }>
  >;
}
