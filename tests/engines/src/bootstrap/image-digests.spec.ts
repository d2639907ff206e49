import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  ListImagesCommand,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { openToolkit } from 'nx-cdk/src/toolkit/open-toolkit.ts';
import { CI, type Place, PROD, STAGING, startProcess } from 'test-bed';
import { ADMIN, BootstrapBed, newerTemplate, outcomes, targetOf } from './bootstrap-bed.ts';

const CHECKOUT = resolve(import.meta.dirname, '..', '..', '..', '..');
const DIFFERENCE = 'deploy role may read image digests';
/** The same account, another region: what is allowed in one is not in the other. */
const ELSEWHERE = { ...STAGING, region: 'eu-central-1' };

let bed: BootstrapBed;

beforeAll(async () => {
  bed = await BootstrapBed.open();
});

afterAll(() => bed?.close());

describe('the deploy role of a bootstrapped place', () => {
  let ecr: ECRClient;
  const own = repositoryOf(STAGING);

  beforeAll(async () => {
    expect(outcomes((await bed.run({ targets: [targetOf(STAGING)] })).report)).toEqual(['created']);
    ecr = await asDeployRole(STAGING);
    const root = await rootEcr(STAGING);
    await root.send(new CreateRepositoryCommand({ repositoryName: 'other' }));
  });

  test('may look for an image in the repository of container assets, by tag or by digest', async () => {
    expect(await describe_(own)).toEqual([]);
    await expect(describe_(own, { imageTag: 'absent' })).rejects.toMatchObject({ name: 'ImageNotFoundException' });
    await expect(describe_(own, { imageDigest: `sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({
      name: 'ImageNotFoundException',
    });
  });

  test.each([
    ['another repository', 'other'],
    ['a repository that begins with the same name', `${own}-more`],
    ['the repository of another region’s bootstrap', repositoryOf(ELSEWHERE)],
    ['the repository of another account’s bootstrap', repositoryOf(PROD)],
  ])('may not look into %s', async (_, repositoryName) => {
    await expect(describe_(repositoryName)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('may not look into a repository of the same name in another region', async () => {
    const there = { ...STAGING, region: ELSEWHERE.region };
    await (await rootEcr(there)).send(new CreateRepositoryCommand({ repositoryName: own }));
    const client = await asDeployRole(STAGING, there);
    await expect(
      client.send(new DescribeImagesCommand({ registryId: STAGING.account, repositoryName: own })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each(['other', own])('may neither push, pull nor list images of %s', async (repositoryName) => {
    const imageIds = [{ imageTag: 'one' }];
    for (const asked of [
      () => ecr.send(new PutImageCommand({ repositoryName, imageManifest: '{}', imageTag: 'one' })),
      () => ecr.send(new BatchGetImageCommand({ repositoryName, imageIds })),
      () => ecr.send(new ListImagesCommand({ repositoryName })),
      () => ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] })),
      () => ecr.send(new GetAuthorizationTokenCommand({})),
    ])
      await expect(asked()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  async function describe_(repositoryName: string, imageId?: { imageTag?: string; imageDigest?: string }) {
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({
        registryId: STAGING.account,
        repositoryName,
        ...(imageId === undefined ? {} : { imageIds: [imageId] }),
      }),
    );
    return imageDetails;
  }
});

describe('beside the stock tools', () => {
  test('a bootstrap of the same version gets the permission, and gets it again after they took it away', async () => {
    // given what the toolkit itself makes of the same template
    await bootstrapByToolkit(PROD);
    const { version } = await bed.stackIn(PROD);
    expect(await mayReadDigests(PROD)).toBe(false);

    // when
    const first = await bed.run({ targets: [targetOf(PROD)] });
    const second = await bed.run({ targets: [targetOf(PROD)] });

    // then
    expect(first.report.targets[0]).toMatchObject({ outcome: 'updated', differences: [DIFFERENCE] });
    expect(await bed.stackIn(PROD)).toMatchObject({ version, readsImages: 'true' });
    expect(await mayReadDigests(PROD)).toBe(true);
    expect(outcomes(second.report)).toEqual(['unchanged']);
    expect(second.requests).not.toHaveProperty('CreateChangeSet');

    // when the toolkit follows
    await bootstrapByToolkit(PROD);

    // then
    expect(await bed.stackIn(PROD)).toMatchObject({ version, readsImages: undefined });
    expect(await mayReadDigests(PROD)).toBe(false);
    expect((await bed.run({ targets: [targetOf(PROD)] })).report.targets[0]).toMatchObject({ outcome: 'updated' });
    expect(await mayReadDigests(PROD)).toBe(true);
  });

  test('a bootstrap of the stock CLI gets it in its own template, whatever version that is', async () => {
    // given
    await bootstrapByCli(ELSEWHERE);
    const stock = await bed.stackIn(ELSEWHERE);
    expect(await mayReadDigests(ELSEWHERE)).toBe(false);

    // when asked what would be done
    const dry = await bed.run({ targets: [targetOf(ELSEWHERE)], dryRun: true });

    // then
    expect(dry.report.targets[0]).toMatchObject({
      outcome: 'planned',
      differences: expect.arrayContaining([DIFFERENCE]),
    });
    expect(dry.events).toContainEqual(
      expect.objectContaining({
        type: 'item-finished',
        detail: expect.stringMatching(/^would update it: .*deploy role may read image digests/),
      }),
    );
    expect(await bed.stackIn(ELSEWHERE)).toEqual(stock);

    // when done, and undone by the CLI, and done again
    for (const again of [false, true]) {
      if (again) await bootstrapByCli(ELSEWHERE);
      expect((await bed.stackIn(ELSEWHERE)).readsImages).toBeUndefined();
      expect(outcomes((await bed.run({ targets: [targetOf(ELSEWHERE)] })).report)).toEqual(['updated']);

      // then
      expect(await bed.stackIn(ELSEWHERE)).toEqual({ ...stock, status: 'UPDATE_COMPLETE', readsImages: 'true' });
      expect(await mayReadDigests(ELSEWHERE)).toBe(true);
      expect(outcomes((await bed.run({ targets: [targetOf(ELSEWHERE)] })).report)).toEqual(['unchanged']);
    }
  });
});

describe('a template that stays', () => {
  const parameters = {
    TrustedAccounts: CI.account,
    TrustedAccountsForLookup: CI.account,
    CloudFormationExecutionPolicies: ADMIN,
  };

  test('gets the permission where it is a newer one of CDK’s own', async () => {
    const place = { ...PROD, region: 'eu-north-1' };
    await bed.createBootstrap(place, await newerTemplate(999), parameters);
    const { report, events } = await bed.run({ targets: [targetOf(place)] });
    expect(report.targets[0]).toMatchObject({
      outcome: 'updated',
      differences: [DIFFERENCE, 'keeping its template, version 999'],
    });
    expect(warnings(events)).toEqual([]);
    expect(await bed.stackIn(place)).toMatchObject({ version: 999, readsImages: 'true' });
    expect(await mayReadDigests(place)).toBe(true);
  });

  test('is left alone where it is an organization’s own', async () => {
    const place = { ...PROD, region: 'eu-west-3' };
    const template = await newerTemplate(999);
    await bed.createBootstrap(place, template, { ...parameters, BootstrapVariant: 'Example Corp' });
    const { report, requests } = await bed.run({ targets: [targetOf(place)] });
    expect(outcomes(report)).toEqual(['unchanged']);
    expect(requests).not.toHaveProperty('CreateChangeSet');
    expect(await mayReadDigests(place)).toBe(false);
  });

  test.each([true, false])(
    'is left alone, with a warning, where it has no place for the permission (dry run: %s)',
    async (dryRun) => {
      // given a later release that has no such repository any more
      const place = { ...PROD, region: dryRun ? 'eu-west-2' : 'eu-south-1' };
      const template = (await newerTemplate(999)).replaceAll(/ContainerAssetsRepository(?!Name)/g, 'Images');
      await bed.createBootstrap(place, template, parameters);

      // when
      const { report, events, requests } = await bed.run({ targets: [targetOf(place)], dryRun });

      // then
      expect(report.targets[0]).toMatchObject({ outcome: 'unchanged', differences: [] });
      expect(requests).toMatchObject({ DescribeStacks: 1, GetTemplate: 1 });
      expect(warnings(events)).toEqual([
        `The deploy role of ${place.account}/${place.region} cannot be given the permission to read image digests, because the bootstrap template has no resource ContainerAssetsRepository where that is looked for: deployments with container images will be refused there until the role may ecr:DescribeImages on the repository of container assets.`,
      ]);
    },
  );
});

function repositoryOf({ account, region }: Place): string {
  return `cdk-hnb659fds-container-assets-${account}-${region}`;
}

function rootEcr({ account, region }: Place): Promise<ECRClient> {
  return bed.connect(account).ecr({ account, region });
}

/** ECR as the deploy role of a place, with the session that a deployment from the CI account has. */
function asDeployRole(place: Place, spokenTo = place): Promise<ECRClient> {
  const arn = `arn:aws:iam::${place.account}:role/cdk-hnb659fds-deploy-role-${place.account}-${place.region}`;
  return bed.connect(CI.account).ecr({ ...spokenTo, role: { kind: 'deploy', region: place.region, arn } });
}

async function mayReadDigests(place: Place): Promise<boolean> {
  const ecr = await asDeployRole(place);
  return ecr.send(new DescribeImagesCommand({ registryId: place.account, repositoryName: repositoryOf(place) })).then(
    () => true,
    (error: Error) => {
      if (error.name === 'AccessDeniedException') return false;
      throw error;
    },
  );
}

function warnings(events: readonly { type: string }[]): string[] {
  return events.flatMap((event) =>
    'level' in event && event.level === 'warning' && 'text' in event ? [String(event.text)] : [],
  );
}

/** Bootstraps with the toolkit's own template. */
async function bootstrapByToolkit({ account, region }: Place): Promise<void> {
  const { BootstrapEnvironments, BootstrapStackParameters } = await import('@aws-cdk/toolkit-lib');
  const toolkit = await openToolkit({ aws: bed.connect(account), region, listener: () => {} });
  const { environments } = await toolkit.bootstrap(BootstrapEnvironments.fromList([`aws://${account}/${region}`]), {
    parameters: BootstrapStackParameters.withExisting({
      trustedAccounts: [CI.account],
      trustedAccountsForLookup: [CI.account],
      cloudFormationExecutionPolicies: [ADMIN],
    }),
  });
  expect(environments.map(({ status }) => status)).toEqual(['success']);
}

/** `cdk bootstrap`, as the root of the account. */
async function bootstrapByCli({ account, region }: Place): Promise<void> {
  // Not in the folder of an app, and with nobody's settings.
  const home = join(bed.folder, 'home');
  await mkdir(home, { recursive: true });
  const args = [
    'bootstrap',
    `aws://${account}/${region}`,
    `--trust=${CI.account}`,
    `--trust-for-lookup=${CI.account}`,
    `--cloudformation-execution-policies=${ADMIN}`,
  ];
  const end = await startProcess(join(CHECKOUT, 'node_modules', '.bin', 'cdk'), args, {
    cwd: home,
    env: {
      ...bed.local.foreignEnvironment(account),
      PATH: process.env['PATH']!,
      HOME: home,
      CDK_DISABLE_VERSION_CHECK: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
  }).ended;
  expect(end).toEndWith(0);
  expect(end.output).toContain(`Environment aws://${account}/${region} bootstrapped.`);
}
