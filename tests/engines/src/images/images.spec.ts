import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { type ImageAsset, imageContentDigest } from 'nx-cdk/src/assembly/index.ts';
import type { PublishReport, PublishRequest } from 'nx-cdk/src/publish/index.ts';
import { callerWhoMay, PROD, rootOf, STAGING } from 'test-bed';
import { filesIn, imagesIn, outcomes, rehearse, type Rehearsal, type RunOptions } from '../publish/rehearsal.ts';
import { assetOf, templateFile } from '../publish/sources.ts';
import { type Builder, describeWithPodman, makeBuilder } from './builder.ts';
import { imageFolder, imageOf } from './sources.ts';

const BOTH = [STAGING, PROD];

let aws: Rehearsal;
let publisher: AwsCredentialIdentity;
let builder: Builder;

beforeAll(async () => {
  aws = await rehearse();
  publisher = await callerWhoMay(aws.local, 'image-publishing');
  builder = await makeBuilder(join(aws.folder, 'builder'));
});

afterAll(async () => {
  await aws?.end();
});

describeWithPodman('publishing an image with credentials that may only assume image-publishing roles', () => {
  test('is built once, and the same bytes are in both accounts; a second run builds and sends nothing', async () => {
    // given
    const directory = await imageFolder(aws.folder);
    const images = BOTH.map((environment) => imageOf(directory, environment));

    // when
    const first = await run(images);

    // then
    expect(first.report).toMatchObject({ success: true, totals: { uploaded: 2, failed: 0 } });
    expect(await builder.calls()).toEqual(['inspect', 'build', 'save']);
    const [digest, ...others] = digestsIn(first.report);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(others).toEqual([digest]);
    expect(await Promise.all(BOTH.map((each) => digestAt(each, images[0]!.tag)))).toEqual([digest, digest]);
    expect(imagesIn(first.report).map(({ obtained }) => obtained)).toEqual(['built', 'built']);

    // when nothing changed
    const second = await run(images);

    // then one look at each repository is all
    expect(outcomes(second.report)).toEqual(['unchanged', 'unchanged']);
    expect(digestsIn(second.report)).toEqual([digest, digest]);
    expect(await builder.calls()).toEqual([]);
    expect(second.requestsAtEndpoint).toEqual({ AssumeRole: 2, DescribeImages: 2 });
  });

  test('podman pulls what was pushed, under the name that functions and services know it by', async () => {
    // given
    const image = imageOf(await imageFolder(aws.folder), STAGING);
    const digest = digestsIn((await run([image])).report)[0]!;
    const host = `${STAGING.account}.dkr.ecr.${STAGING.region}.amazonaws.com`;
    const ecr = new ECRClient(rootOf(aws.local, STAGING));
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    ecr.destroy();
    const credentials = Buffer.from(authorizationData![0]!.authorizationToken!, 'base64').toString();
    const name = `${host}/cdk-hnb659fds-container-assets-${STAGING.account}-${STAGING.region}@${digest}`;
    const network = { HTTPS_PROXY: aws.local.registryProxy, SSL_CERT_FILE: aws.local.caFile };

    // when / then: the name with a digest is believed only if the bytes have it
    expect(() => builder.podman(['pull', '--quiet', name], network)).toThrow(/unauthorized/i);
    builder.podman(['pull', '--quiet', '--creds', credentials, name], network);
    expect(builder.podman(['image', 'inspect', '--format', '{{.Config.Cmd}}', name])).toBe('[/greeting]');
  });

  test('where one destination lost it, it is copied from the other and not built again, also on a fresh machine', async () => {
    // given
    const directory = await imageFolder(aws.folder);
    const images = BOTH.map((environment) => imageOf(directory, environment));
    const [digest] = digestsIn((await run(images)).report);
    await deleteImage(PROD, images[1]!.tag);
    await builder.forget();
    await builder.calls();

    // when
    const { report } = await run(images);

    // then
    expect(outcomes(report)).toEqual(['unchanged', 'uploaded']);
    expect(report.destinations[1]).toMatchObject({
      obtained: 'copied',
      detail: `copied from ${STAGING.account}/${STAGING.region}`,
    });
    expect(digestsIn(report)).toEqual([digest, digest]);
    expect(await builder.calls()).toEqual([]);
  });

  test('another image under the tag is found and named, and nothing is overwritten', async () => {
    // given an account in which somebody put another image under the tag
    const [directory, otherDirectory] = [await imageFolder(aws.folder), await imageFolder(aws.folder)];
    const images = BOTH.map((environment) => imageOf(directory, environment));
    const other = { ...imageOf(otherDirectory, PROD), tag: images[1]!.tag };
    const [right] = digestsIn((await run([images[0]!])).report);
    const [wrong] = digestsIn((await run([other])).report);
    await builder.calls();

    // when
    const { report } = await run(images);

    // then
    expect(report.success).toBe(false);
    expect(wrong).not.toBe(right);
    for (const { failure, digest, account } of imagesIn(report)) {
      expect(digest).toBe(account === PROD.account ? wrong : right);
      expect(failure!.code).toBe('ImagesDiffer');
      expect(failure!.message).toContain(`${STAGING.account}/${STAGING.region} (`);
      expect(failure!.message).toContain(`holds ${right}`);
      expect(failure!.message).toContain(`${PROD.account}/${PROD.region} (`);
      expect(failure!.message).toContain(`holds ${wrong}`);
    }
    expect(await builder.calls()).toEqual([]);
    expect(await digestAt(PROD, other.tag)).toBe(wrong);
  });

  test('a failing build is told in one sentence and its last lines, and no build argument or secret is in any output', async () => {
    // given a build that prints what it is not to tell, and fails
    const token = 'hunter2-is-no-good-password';
    const directory = await imageFolder(aws.folder, [`LABEL token=$TOKEN`, 'COPY missing-file /']);
    const images = BOTH.map((each) => imageOf(directory, each, { dockerBuildArgs: { TOKEN: token, SHORT: 'q7' } }));
    const files = [assetOf(await templateFile(aws.folder), STAGING, { role: undefined })];

    // when
    const { report, events } = await run(images, { files, credentials: aws.local.credentialsFor(STAGING.account) });

    // then the file beside it is published, with the role of nobody
    expect(filesIn(report)[0]!.outcome).toBe('uploaded');
    const [failed] = imagesIn(report);
    expect(failed!.failure).toMatchObject({
      code: 'ImageBuildFailed',
      message: expect.stringMatching(/^Building the image Service\/Image in .* failed \(.*exit code \d+\): correct/),
    });
    const finished = events.filter((event) => event.type === 'item-finished' && event.lines !== undefined);
    expect(finished).toHaveLength(1);
    expect(JSON.stringify(finished)).toContain('missing-file');
    expect(JSON.stringify({ report, events })).not.toContain(token);
    expect(JSON.stringify({ report, events })).not.toMatch(/\bq7\b/);
  });

  test('an interrupted push can simply be run again', async () => {
    // given a run that is interrupted once the first layer is on its way
    const directory = await imageFolder(aws.folder);
    const images = BOTH.map((environment) => imageOf(directory, environment));
    const controller = new AbortController();
    aws.proxy.setDelay(50);
    const running = run(images, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'aws-call' && event.action === 'InitiateLayerUpload') controller.abort();
      },
    });

    // when
    const { report } = await running;
    aws.proxy.setDelay(0);

    // then
    expect(report).toMatchObject({ success: false, interrupted: true });
    expect(outcomes(report)).toEqual(['skipped', 'skipped']);
    expect(await Promise.all(BOTH.map((each) => digestAt(each, images[0]!.tag)))).toEqual([undefined, undefined]);

    // when
    const again = await run(images);

    // then
    expect(outcomes(again.report)).toEqual(['uploaded', 'uploaded']);
    expect(new Set(digestsIn(again.report)).size).toBe(1);
  });

  test('Ctrl-C stops a build', async () => {
    // given a builder that would take hours
    const slow = await makeBuilder(join(aws.folder, 'slow'), '[ "$1" = build ] && sleep 7200');
    const controller = new AbortController();
    const image = imageOf(await imageFolder(aws.folder), STAGING);

    // when
    const running = run([image], { signal: controller.signal, program: slow.program });
    while (!(await slow.calls()).includes('build')) await wait(50);
    controller.abort();

    // then
    expect(outcomes((await running).report)).toEqual(['skipped']);
  });

  test('a request that fails for a while is repeated, at every step of a push', async () => {
    for (const action of ['BatchCheckLayerAvailability', 'InitiateLayerUpload', 'CompleteLayerUpload', 'PutImage']) {
      // given
      const image = imageOf(await imageFolder(aws.folder), STAGING);
      aws.proxy.fail({ match: { service: 'ecr', action }, with: 'service-unavailable', times: 2 });

      // when
      const { report, events } = await run([image]);

      // then
      expect(outcomes(report)).toEqual(['uploaded']);
      const attempts = events.flatMap((each) =>
        each.type === 'aws-call' && each.action === action ? each.attempts : [],
      );
      // Two at once may have met one failure each.
      expect(attempts.reduce((sum, count) => sum + count - 1, 0)).toBe(2);
    }
  });

  test('a dry run says what would happen, and builds nothing', async () => {
    const image = imageOf(await imageFolder(aws.folder), STAGING);
    await builder.calls();
    const { report } = await run([image], { dryRun: true });
    expect(report.destinations[0]).toMatchObject({ outcome: 'planned', detail: 'would be built and uploaded' });
    expect(await builder.calls()).toEqual([]);
  });

  test('one whose folder changes while it is built is not sent', async () => {
    const directory = await imageFolder(aws.folder);
    const before = await imageContentDigest(imageOf(directory, STAGING).source);
    const accept = (_: unknown, digest: string) => {
      if (digest !== before) throw new Error('it is another one');
    };
    const prelude = `if [ "$1" = build ]; then echo other > '${directory}/greeting'; fi`;
    const changing = await makeBuilder(join(aws.folder, 'changing'), prelude);

    const { report } = await run([imageOf(directory, STAGING)], { accept, program: changing.program });

    expect(report.destinations[0]?.failure?.message).toMatch(/it is another one/);
  });

  test('the command of an executable source names the image that is sent', async () => {
    // given what a tarball asset is: a command that loads an image and writes its name
    const directory = await imageFolder(aws.folder);
    const executable = ['sh', '-c', `'${builder.program}' build -q -t loaded:1 ${directory} >&2; echo loaded:1`];
    const image = { ...imageOf(directory, STAGING), source: { fingerprint: directory, executable } };

    // when / then
    await expect(run([image])).rejects.toMatchObject({ code: 'NotAllowed' });
    expect(outcomes((await run([image], { allow: ['executables'] })).report)).toEqual(['uploaded']);
  });
});

describe('what is refused', () => {
  test('credentials that may assume only file-publishing roles: the files are published, the image is not', async () => {
    // given
    const image = imageOf(await imageFolder(aws.folder), STAGING);
    const files = [assetOf(await templateFile(aws.folder), STAGING)];

    // when
    const { report } = await run([image], { files, credentials: aws.publisher });

    // then
    expect(outcomes(report)).toEqual(['uploaded', 'failed']);
    expect(report.destinations[1]!.failure).toMatchObject({
      code: 'AssumeRoleDenied',
      message: expect.stringContaining('cdk-hnb659fds-image-publishing-role-111111111111-eu-west-1'),
    });
  });

  test('the image-publishing role in a repository that is not there', async () => {
    const image = {
      ...imageOf(await imageFolder(aws.folder), STAGING),
      repository: 'cdk-hnb659fds-container-assets-other',
    };
    const { report } = await run([image], { credentials: aws.local.credentialsFor(STAGING.account), role: false });
    expect(report.destinations[0]!.failure).toMatchObject({
      code: 'NotBootstrapped',
      message: expect.stringMatching(/no repository .*-other in 111111111111\/eu-west-1: nx bootstrap does not/),
    });
  });

  test('a builder that is not there: one sentence an image, and the files are published', async () => {
    // given
    const image = imageOf(await imageFolder(aws.folder), STAGING);

    // when
    const { report } = await run([image], { program: '/no/such/docker' });

    // then
    expect(report.success).toBe(false);
    expect(report.destinations[0]!.failure).toMatchObject({
      code: 'NoImageTool',
      message:
        '/no/such/docker, which CDK_DOCKER names, is not installed: install it, or correct CDK_DOCKER, then publish again.',
    });
  });
});

interface ImageRunOptions extends RunOptions {
  readonly accept?: PublishRequest['accept'];
  readonly files?: Parameters<Rehearsal['run']>[0]['files'];
  readonly program?: string;
  readonly dryRun?: boolean;
  readonly role?: boolean;
  readonly allow?: Parameters<Rehearsal['run']>[0]['allow'];
}

/** One run, as a process of its own would do it, with the builder that counts. */
async function run(images: readonly ImageAsset[], options: ImageRunOptions = {}) {
  const { files = [], program = builder.program, dryRun = false, role = true, accept, allow, ...rest } = options;
  process.env['CDK_DOCKER'] = program;
  const chosen = role ? images : images.map((image) => ({ ...image, role: undefined }));
  return aws.run({ files, images: chosen as ImageAsset[], dryRun, accept, allow }, { credentials: publisher, ...rest });
}

function digestsIn(report: PublishReport): (string | undefined)[] {
  return imagesIn(report).map(({ digest }) => digest);
}

async function digestAt(environment: { account: string; region: string }, tag: string): Promise<string | undefined> {
  return withRepository(environment, async (ecr, repositoryName) => {
    const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: tag }] }));
    return images?.[0]?.imageId?.imageDigest;
  });
}

async function deleteImage(environment: { account: string; region: string }, tag: string): Promise<void> {
  await withRepository(environment, (ecr, repositoryName) =>
    ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: tag }] })),
  );
}

async function withRepository<T>(
  environment: { account: string; region: string },
  work: (ecr: ECRClient, repository: string) => Promise<T>,
): Promise<T> {
  const ecr = new ECRClient(rootOf(aws.local, environment));
  try {
    return await work(ecr, `cdk-hnb659fds-container-assets-${environment.account}-${environment.region}`);
  } finally {
    ecr.destroy();
  }
}
