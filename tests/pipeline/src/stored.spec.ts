import { join } from 'node:path';
import { ListStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  ENVIRONMENTS,
  imagesAreTested,
  linkingNpm,
  openWorkspaceBed,
  rootClients,
  STAGING,
  type WorkspaceBed,
} from 'test-bed';
import { takeOverPublish } from './hostile.ts';
import { commitEnvironments, type Walk, walkOf, withoutImages } from './walk.ts';

const { account } = STAGING;

/** What a publishing step that was taken over does to each stored assembly of a region, and what is said then. */
const ATTACKS: readonly [region: string, attack: string, sentence: RegExp][] = [
  [
    'eu-west-2',
    'deleted',
    /The assembly of release [0-9a-f]{64} is neither here nor in cdk-hnb659fds-assets-111111111111-eu-west-2:/,
  ],
  ['eu-central-1', 'replaced', /s3:\S+eu-central-1\S+ is not the assembly of release [0-9a-f]{12}: incorrect header/],
  ['us-east-1', 'changed', /s3:\S+us-east-1\S+ is not the assembly of release [0-9a-f]{12}: its \S+ is not what the/],
  ['us-west-2', 'exchanged', /s3:\S+us-west-2\S+ is not the assembly of release [0-9a-f]{12}: it holds release/],
  [
    'ap-southeast-1',
    'leading-out',
    /: it holds "\.\.\/\.\.\/\.\.\/apps\/infra\/src\/verify\.ts", which the release does not/,
  ],
];

/** Where it does nothing; the app with the role that reads has its stack in the first region of an account alone. */
const [FIRST, SECOND] = [STAGING.region, 'ap-northeast-1'];

describe('A step Publish that was taken over', () => {
  let bed: WorkspaceBed;
  let walk: Walk;
  beforeAll(async () => {
    bed = await openWorkspaceBed();
    const { workspace, local } = bed;
    if (!imagesAreTested()) await withoutImages(workspace);
    await workspace.write('.env', `${await workspace.read('.env')}CDK_VALIDATION=false\n`);
    const regions = [FIRST, SECOND, ...ATTACKS.map(([region]) => region)];
    const targets = regions.map((region) => ({ account, region }));
    await commitEnvironments(workspace, { ...ENVIRONMENTS, environments: [{ name: 'staging', targets }] });
    await workspace.nx(['bootstrap', 'infra'], local.environment());
    const programs = await linkingNpm(join(workspace.temporary, 'programs'));
    await workspace.nx(['deploy', 'pipeline'], local.environment());
    await takeOverPublish(programs, account, Object.fromEntries(ATTACKS));
    walk = await walkOf(bed, ['--no-deploy'], programs);
  });
  afterAll(() => bed?.close());

  const deployed = (region: string) => walk.actions.find(({ action }) => action === `Deploy-${account}-${region}`);
  const log = (region: string) => walk.log(`staging/Deploy-${account}-${region}`);
  const stacksIn = async (region: string) => {
    const { StackSummaries: stacks = [] } = await rootClients(bed.local, { account, region })
      .cloudFormation()
      .send(new ListStacksCommand({}));
    return stacks.map(({ StackName: name }) => name).filter((name) => name !== 'CDKToolkit');
  };

  test.each(ATTACKS)(
    'cannot bring anything to %s by an assembly that is %s: it is refused by name',
    async (...given) => {
      const [region, attack, sentence] = given;
      expect(walk.log('Publish')).toContain(`is ${attack}`);
      expect(deployed(region)).toMatchObject({ outcome: 'failed' });
      expect(log(region)).toMatch(sentence);
      expect(await stacksIn(region)).toEqual([]);
    },
  );

  test('cannot hold up what is deployed by other steps', async () => {
    expect([deployed(FIRST), deployed(SECOND)]).toMatchObject([{ outcome: 'passed' }, { outcome: 'passed' }]);
    expect(await stacksIn(FIRST)).toContain('staging-orders-service');
    expect(await stacksIn(SECOND)).toContain('staging-orders-service');
  });

  test('leaves no record of a deployment where it was refused', async () => {
    const { output } = await bed.workspace.nx(['released', 'pipeline'], bed.local.environment());
    for (const region of [FIRST, SECOND])
      expect(output).toMatch(new RegExp(`staging.*${account}-${region}.*up to date`));
    for (const [region] of ATTACKS) expect(output).toMatch(new RegExp(`staging.*${account}-${region}.*never`));
  });

  test('finds no archive and no assembly where deployments run', () => {
    for (const { action } of walk.actions.filter(({ stage }) => stage === 'staging')) {
      const found = walk.log(`staging/${action}`).match(/archives: .*/g) ?? [];
      expect(found.length).toBeGreaterThan(0);
      for (const line of found) expect(line).toBe('archives: none, assemblies:');
    }
  });

  test('and an app that has nothing in a target has nothing to deploy there, which its release says', () => {
    expect(log(FIRST)).not.toContain('there is nothing to deploy');
    expect(log(SECOND)).toContain(
      `No stack of required-resources goes to ${account}/${SECOND}: there is nothing to deploy.`,
    );
  });
});
