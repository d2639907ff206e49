import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchDeleteImageCommand, BatchGetImageCommand } from '@aws-sdk/client-ecr';
import { GetFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import {
  builderCalls,
  type Credentials,
  type DeployReport,
  describeWithPodman,
  openWorkspaceBed,
  outcomes,
  type Place,
  PROD,
  type PublishReport,
  QUOTES,
  reportOf,
  ROLES,
  rootClients,
  STAGING,
  type StepEnvironment,
  type WorkspaceBed,
  userWhoMayAssume,
} from 'test-bed';

/** One step of a pipeline: this target and nothing that it depends on. */
const step = (target: string) => [target, 'quotes', '--excludeTaskDependencies'];

const PLACES = [STAGING, PROD];
const REPORT = 'tmp/publish.json';
const NO_BUILDER = { CDK_DOCKER: '/no/such/docker' };
const LEFT_OUT =
  'packing-list is left out, as no tool that builds images works here (/no/such/docker is not installed)';

describe('The packing list, a function that is a container image', () => {
  let bed: WorkspaceBed;
  /** A user of the CI account that may assume the publishing roles of every account, and nothing else. */
  let publisher: Credentials;

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    publisher = await userWhoMayAssume(bed.local, 'publisher', ROLES.publishing);
  });
  afterAll(() => bed?.close());

  describe('on a machine where nothing builds images', () => {
    test('is left out, and both build and synth say so, from the cache too', async () => {
      for (const attempt of ['made', 'from the cache']) {
        const { output } = await bed.workspace.nx(['synth', 'quotes', '--outputStyle=static'], NO_BUILDER);

        expect({ attempt, said: output.split(LEFT_OUT).length > 2 }).toEqual({ attempt, said: true });
        expect(await imagesOfAssembly()).toEqual([]);
      }
    });

    test('is not left out by a CI, which may build it on another machine', async () => {
      const { output } = await bed.workspace.nx(['synth', 'quotes'], { ...NO_BUILDER, CI: 'true' });

      expect(output).not.toContain('left out');
      expect(await imagesOfAssembly()).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    });

    test('is then what cannot be published: one sentence, and all files are', async () => {
      // when
      const args = [...step('publish-staging'), `--report=${REPORT}`];
      const { output } = await bed.workspace.refusedNx(args, { ...publisher, ...NO_BUILDER });

      // then
      expect(output).toContain('/no/such/docker, which CDK_DOCKER names, is not installed: install it, or correct');
      const { files, images } = await published();
      expect(files.length).toBeGreaterThan(0);
      expect(new Set(files.map(({ outcome }) => outcome))).toEqual(new Set(['uploaded']));
      expect(images.map(({ outcome, failure }) => [outcome, failure?.code])).toEqual([['failed', 'NoImageTool']]);
    });
  });

  test('is refused to a publisher who may not assume the image-publishing roles; files are published all the same', async () => {
    // given
    const filePublisher = await userWhoMayAssume(bed.local, 'file-publisher', [ROLES.publishing[0]]);

    // when
    const { output } = await bed.workspace.refusedNx([...step('publish'), `--report=${REPORT}`], filePublisher);

    // then
    for (const { account, region } of PLACES)
      expect(output).toContain(
        `file-publisher may not sts:AssumeRole arn:aws:iam::${account}:role/cdk-hnb659fds-image-publishing-role-${account}-${region}`,
      );
    const { files, images } = await published();
    const ofProd = files.filter(({ account }) => account === PROD.account);
    expect(new Set(ofProd.map(({ outcome }) => outcome))).toEqual(new Set(['uploaded']));
    expect(images.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  describeWithPodman('with podman', () => {
    let digest: string;
    let tag: string;

    test('is made ready without a builder and without credentials: a program and its Dockerfile, as the CI has made it', async () => {
      // given that the builder was only asked whether it works
      expect((await builderCalls(bed.workspace.home)).filter((call) => call !== 'info')).toEqual([]);

      // when
      const { output } = await bed.workspace.nx(['build', 'packing-list']);

      // then
      expect(output).toContain('[local cache]');
      [tag] = (await imagesOfAssembly()) as [string];
      for (const folder of ['libs/handlers/packing-list/dist', `apps/quotes/cdk.out/asset.${tag}`])
        expect((await readdir(bed.workspace.path(folder))).sort()).toEqual(['Dockerfile', 'bootstrap']);
      await builderCalls(bed.workspace.home);
    });

    test('is built once, and both accounts hold the same bytes, those that the report tells of', async () => {
      // when
      const images = await publish(publisher);

      // then
      expect(await builderCalls(bed.workspace.home)).toEqual(['inspect', 'build', 'save']);
      expect(images.map(({ account, outcome, obtained, tag: found }) => [account, outcome, obtained, found])).toEqual(
        PLACES.map(({ account }) => [account, 'uploaded', 'built', tag]),
      );
      digest = images[0]!.digest!;
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(images[1]!.digest).toBe(digest);
      expect(await Promise.all(PLACES.map((place) => digestAt(place, tag)))).toEqual([digest, digest]);
    });

    test('is found by its digest the second time, without any builder', async () => {
      const images = await publish({ ...publisher, ...NO_BUILDER });

      expect(images.map(({ outcome, digest: found }) => [outcome, found])).toEqual([
        ['unchanged', digest],
        ['unchanged', digest],
      ]);
    });

    test('is copied where one account lost it, and not built again, also on a machine that has never built it', async () => {
      // given
      const ecr = rootClients(bed.local, PROD).ecr();
      await ecr.send(
        new BatchDeleteImageCommand({ repositoryName: repositoryOf(PROD), imageIds: [{ imageTag: tag }] }),
      );
      expect(await digestAt(PROD, tag)).toBeUndefined();
      await rm(join(bed.workspace.home, 'containers'), { recursive: true });

      // when
      const images = await publish(publisher);

      // then
      expect(images.map(({ outcome, obtained, digest: found }) => [outcome, obtained, found])).toEqual([
        ['unchanged', undefined, digest],
        ['uploaded', 'copied', digest],
      ]);
      expect(await digestAt(PROD, tag)).toBe(digest);
      expect(await builderCalls(bed.workspace.home)).toEqual([]);
    });

    test('is what the deployed functions run, in both accounts', async () => {
      // given
      const deployer = await userWhoMayAssume(bed.local, 'deployer', ROLES.deploying);

      // when
      const { report } = await reportOf<DeployReport>(bed.workspace, step('deploy'), deployer);

      // then
      for (const [place, id] of [
        [STAGING, QUOTES.staging],
        [PROD, QUOTES.prod],
      ] as const) {
        const lambda = rootClients(bed.local, place).lambda();
        const FunctionName = report.stacks.find((stack) => stack.id === id)!.outputs['PackingListName'];
        const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName }));
        const host = `${place.account}.dkr.ecr.${place.region}.amazonaws.com`;
        expect(Code?.ResolvedImageUri).toBe(`${host}/${repositoryOf(place)}@${digest}`);

        expect(await parcelsFor(report, place, id)).toEqual([10, 2]);
      }
    });

    test('is another image after an edit, built once also where each environment is published by a process of its own', async () => {
      // given
      await bed.workspace.replace('libs/handlers/packing-list/pack.go', 'const parcel = 10', 'const parcel = 6');
      await bed.workspace.nx(['synth', 'quotes']);
      await builderCalls(bed.workspace.home);

      // when
      const both = ['run-many', '-t', 'publish-staging', 'publish-prod', '-p', 'quotes', '--parallel=2'];
      await bed.workspace.nx([...both, '--excludeTaskDependencies'], publisher);
      const { report } = await reportOf<DeployReport>(bed.workspace, step('deploy-staging'), bed.local.environment());

      // then
      expect((await builderCalls(bed.workspace.home)).filter((call) => call === 'build')).toEqual(['build']);
      const [other] = await imagesOfAssembly();
      expect(other).not.toBe(tag);
      const [digestOfStaging, digestOfProd] = await Promise.all(PLACES.map((place) => digestAt(place, other!)));
      expect(digestOfStaging).toMatch(/^sha256:/);
      expect(digestOfProd).toBe(digestOfStaging);
      // and the one that was there is still there
      expect(await digestAt(STAGING, tag)).toBe(digest);
      expect(outcomes(report)).toEqual({ [QUOTES.staging]: 'updated' });
      expect(await parcelsFor(report, STAGING, QUOTES.staging)).toEqual([6, 6]);
    });
  });

  /** How many pieces are in each parcel of twelve, as the function of a stack answers. */
  async function parcelsFor(report: DeployReport, place: Place, stack: string): Promise<number[]> {
    const FunctionName = report.stacks.find(({ id }) => id === stack)!.outputs['PackingListName'];
    const Payload = JSON.stringify({ lines: [{ item: 'tea', quantity: 12 }] });
    const answer = await rootClients(bed.local, place).lambda().send(new InvokeCommand({ FunctionName, Payload }));
    expect(answer.FunctionError).toBeUndefined();
    const { parcels } = JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as {
      parcels: { item: string; quantity: number }[][];
    };
    return parcels.map((lines) => lines.reduce((sum, { quantity }) => sum + quantity, 0));
  }

  /** Tags of the images that the assembly would publish, each once. */
  async function imagesOfAssembly(): Promise<string[]> {
    const folder = 'apps/quotes/cdk.out';
    const files = (await readdir(bed.workspace.path(folder), { recursive: true })).filter((file) =>
      file.endsWith('.assets.json'),
    );
    const manifests = await Promise.all(
      files.map((file) => bed.workspace.readJson<{ dockerImages?: object }>(`${folder}/${file}`)),
    );
    return [...new Set(manifests.flatMap(({ dockerImages = {} }) => Object.keys(dockerImages)))];
  }

  /** Publishes, which has to succeed, and returns the reported images, those of staging first. */
  async function publish(environment: StepEnvironment): Promise<PublishReport['destinations']> {
    await bed.workspace.nx([...step('publish'), `--report=${REPORT}`], environment);
    return (await published()).images;
  }

  /** What the report of the last publish says. */
  async function published() {
    const { destinations } = await bed.workspace.readJson<PublishReport>(REPORT);
    const of = (kind: string) => destinations.filter((each) => each.kind === kind);
    const images = of('image').toSorted((one, other) => one.account.localeCompare(other.account));
    return { files: of('file'), images };
  }

  /** What an account's repository holds under a tag. */
  async function digestAt(place: Place, imageTag: string): Promise<string | undefined> {
    const command = new BatchGetImageCommand({ repositoryName: repositoryOf(place), imageIds: [{ imageTag }] });
    return (await rootClients(bed.local, place).ecr().send(command)).images?.[0]?.imageId?.imageDigest;
  }

  function repositoryOf({ account, region }: Place): string {
    return `cdk-hnb659fds-container-assets-${account}-${region}`;
  }
});
