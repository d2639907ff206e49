import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchDeleteImageCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import { CI, type Permission, rootOf, STAGING } from 'test-bed';
import { envelopeOf } from './bucket-contents.ts';
import { putImage, repositoryName } from './put-image.ts';
import { assuming, type Caller, openReleaseBed, type ReleaseBed, synthesize, type TestRelease } from './release-bed.ts';

let bed: ReleaseBed;
let ecr: ECRClient;
let publisher: Caller;

beforeAll(async () => {
  bed = await openReleaseBed();
  ecr = new ECRClient(rootOf(bed.bed.local, STAGING));
  const images: Permission = {
    actions: ['sts:AssumeRole'],
    resources: [`arn:aws:iam::*:role/cdk-hnb659fds-image-publishing-role-*`],
  };
  const sign = { actions: ['kms:Sign'], resources: [bed.key] };
  publisher = await bed.caller('image-publisher', ...assuming('file-publishing'), images, sign);
  const environments = [{ name: 'staging', targets: [STAGING] }];
  writeFileSync(join(bed.workspace.root, 'environments.json'), JSON.stringify({ ci: CI, environments }));
});

afterAll(async () => {
  ecr?.destroy();
  await bed?.close();
});

/** A stack with an image, which nobody has to build here: its repository gets one under the right tag. */
async function imageRelease(name: string): Promise<TestRelease> {
  const folder = join(bed.bed.folder, 'sources', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Dockerfile'), `FROM scratch\nLABEL name=${name}\n`);
  const stackNames = [`${name}-Service`];
  return synthesize(bed, name, { stackNames }, (app) => {
    const stack = new Stack(app, 'Service', { env: STAGING, stackName: stackNames[0] });
    new CfnQueue(stack, 'Jobs');
    new CfnOutput(stack, 'Image', { value: new DockerImageAsset(stack, 'Packing', { directory: folder }).imageUri });
  });
}

async function deleteImage({ manifest }: TestRelease): Promise<void> {
  const imageIds = [{ imageTag: tagOf(manifest) }];
  await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
}

function tagOf(manifest: TestRelease['manifest']): string {
  return manifest.assets.find(({ kind }) => kind === 'image')!.id;
}

test('a deploy role that may not read digests deploys no image; nx bootstrap allows it', async () => {
  // given accounts as CDK bootstraps them
  const release = await imageRelease('Packing');
  const digest = await putImage(ecr, tagOf(release.manifest), 'right');
  const options = { signingKey: bed.key };
  expect(await bed.run('publish', release, publisher, options)).toEndWith(0);
  const { record } = await envelopeOf(bed.s3, release);
  expect(record.destinations).toContainEqual({
    kind: 'image',
    asset: tagOf(release.manifest),
    repository: repositoryName,
    tag: tagOf(release.manifest),
    digest,
  });

  // when
  const refused = await bed.run('deploy', release, bed.deployer, options);

  // then
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /Service: the role arn:aws:iam::111111111111:role\/cdk-hnb659fds-deploy-role-\S+ may not ecr:DescribeImages on \S+ in 111111111111\/eu-west-1, so nobody can tell .*: run nx bootstrap, which allows it\./,
    ),
  });
  await bed.expectNoStack(release);

  // when
  const bootstrapped = await bed.run('bootstrap', release, bed.bed.environment(), {
    assembly: undefined,
    environmentsFile: 'environments.json',
    environment: 'staging',
  });

  // then
  expect(bootstrapped).toEndWith(0);
  expect(await bed.run('deploy', release, bed.deployer, options)).toEndWith(0);
});

test('another image under the same tag is refused, and publishing again explains what to do', async () => {
  // given
  const release = await imageRelease('Replaced');
  const options = { signingKey: bed.key };
  const right = await putImage(ecr, tagOf(release.manifest), 'right');
  expect(await bed.run('publish', release, publisher, options)).toEndWith(0);

  // when
  await deleteImage(release);
  const wrong = await putImage(ecr, tagOf(release.manifest), 'wrong');
  const refused = await bed.run('deploy', release, bed.deployer, options);

  // then
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      new RegExp(
        `Service: the image ${repositoryName}:\\S+ in 111111111111/eu-west-1 is not what was published: its digest is ${wrong}, the record of release [0-9a-f]{12} says ${right}: somebody has replaced it`,
      ),
    ),
  });
  await bed.expectNoStack(release);

  // when
  const again = await bed.run('publish', release, publisher, options);

  // then it is not made right by being recorded
  expect(again).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      new RegExp(
        `its digest is ${wrong}, the record s3://\\S+ says ${right}: find out who has replaced it, delete that image`,
      ),
    ),
  });
  expect(await bed.run('deploy', release, bed.deployer, options)).toEndWith(1);
  await bed.expectNoStack(release);

  // when the right image is there again
  await deleteImage(release);
  await putImage(ecr, tagOf(release.manifest), 'right');
  const healed = await bed.run('publish', release, publisher, options);

  // then
  expect(healed).toEndWith(0);
  expect(await bed.run('deploy', release, bed.deployer, options)).toEndWith(0);
});

test('an image that is deleted after it was published is missed', async () => {
  // given
  const release = await imageRelease('Missing');
  await putImage(ecr, tagOf(release.manifest), 'right');
  expect(await bed.run('publish', release, publisher)).toEndWith(0);

  // when
  await deleteImage(release);

  // then
  const refused = await bed.run('deploy', release, bed.deployer);
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /Service: image \S+ is not in repository cdk-\S+: run publish first \(nx publish shop\)/,
    ),
  });
  await bed.expectNoStack(release);
});
