import { join } from 'node:path';
import { ECRClient, SetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { createAws } from 'nx-cdk/src/aws/index.ts';
import { AssetCheck } from 'nx-cdk/src/deploy/asset-check.ts';
import type { Failure } from 'nx-cdk/src/failure/index.ts';
import { resolveStack } from 'nx-cdk/src/cloudformation/resolved-stack.ts';
import { bootstrap, callerWhoMay, PROD, rootOf, STAGING } from 'test-bed';
import { imagesIn, outcomes, rehearse, type Rehearsal } from '../publish/rehearsal.ts';
import { type Builder, describeWithPodman, makeBuilder } from './builder.ts';
import { imageFolder, imageOf } from './sources.ts';

const REGIONS = [
  'eu-west-1',
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'eu-central-1',
  'eu-north-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
];
const PLACES = [STAGING, PROD].flatMap(({ account }) => REGIONS.map((region) => ({ account, region })));

/** Added to every request, in milliseconds. */
const LATENCY = 50;

let aws: Rehearsal;
let publisher: AwsCredentialIdentity;
let builder: Builder;

beforeAll(async () => {
  aws = await rehearse();
  const there = [STAGING, PROD].map(({ account, region }) => `${account}/${region}`);
  const missing = PLACES.filter(({ account, region }) => !there.includes(`${account}/${region}`));
  await Promise.all(missing.map((place) => bootstrap(aws.local, place)));
  publisher = await callerWhoMay(aws.local, 'image-publishing');
  builder = await makeBuilder(join(aws.folder, 'builder'));
  process.env['CDK_DOCKER'] = builder.program;
});

afterAll(async () => {
  await aws?.end();
});

describeWithPodman('one image for ten regions of two accounts', () => {
  test('is built once and pushed to all twenty in parallel; a look at all of them is all that a second run costs', async () => {
    // given
    const directory = await imageFolder(aws.folder);
    const images = PLACES.map((place) => imageOf(directory, place));
    aws.proxy.setDelay(LATENCY);

    // when
    const first = await aws.run({ files: [], images }, { credentials: publisher });

    // then
    expect(outcomes(first.report)).toEqual(Array(20).fill('uploaded'));
    expect(new Set(imagesIn(first.report).map(({ digest }) => digest)).size).toBe(1);
    expect(await builder.calls()).toEqual(['inspect', 'build', 'save']);
    // A token, one look for three blobs, of a begin and an end each, a manifest, and a look at the tag before and
    // after.
    expect(first.requestsAtEndpoint).toEqual({
      AssumeRole: 20,
      DescribeImages: 40,
      GetAuthorizationToken: 20,
      BatchCheckLayerAvailability: 20,
      InitiateLayerUpload: 60,
      CompleteLayerUpload: 60,
      PutImage: 20,
    });
    // In parallel: all of them are on their way before the first one is done.
    const pushes = first.events.filter((event) => event.type === 'item-progress' && event.step === 'uploading');
    const firstDone = first.events.findIndex((event) => event.type === 'item-finished');
    const begun = new Set(
      pushes
        .filter((event) => first.events.indexOf(event) < firstDone)
        .map((event) => event.type === 'item-progress' && event.id),
    );
    expect(begun.size).toBe(20);

    // when
    const second = await aws.run({ files: [], images }, { credentials: publisher });
    aws.proxy.setDelay(0);

    // then
    expect(outcomes(second.report)).toEqual(Array(20).fill('unchanged'));
    expect(second.requestsAtEndpoint).toEqual({ AssumeRole: 20, DescribeImages: 20 });
    expect(await builder.calls()).toEqual([]);
  });

  test('where the role may not read the image that is there, it is built and compared, and a difference is told', async () => {
    // given an image in one account, which nobody may read there
    const [directory, otherDirectory] = [await imageFolder(aws.folder), await imageFolder(aws.folder)];
    const [staging, prod] = [imageOf(directory, STAGING), imageOf(directory, PROD)];
    const run = (...images: (typeof staging)[]) => aws.run({ files: [], images }, { credentials: publisher });
    await run(staging);
    await readingOfStaging('Deny');

    // when the same sources are built once more
    const same = await run(staging, prod);

    // then
    expect(outcomes(same.report)).toEqual(['unchanged', 'uploaded']);
    expect(imagesIn(same.report)[1]!.obtained).toBe('built');

    // given that what is built now is something else than what is there under the tag
    const [stale, fresh] = [imageOf(otherDirectory, STAGING), imageOf(otherDirectory, PROD)];
    await run({ ...staging, tag: stale.tag });

    // when
    const { report } = await run(stale, fresh);
    await readingOfStaging('Allow');

    // then
    expect(outcomes(report)).toEqual(['unchanged', 'failed']);
    expect(report.destinations[1]!.failure).toMatchObject({
      code: 'ImageNotReproducible',
      message: expect.stringMatching(
        /is in 111111111111\/eu-west-1 .* where the role may not read it, and building it again gives sha256:.*ecr:BatchGetImage/,
      ),
    });
  });
});

describe('what a deployment can know of images', () => {
  test('whoever may look finds out what is missing; the deploy role, which may not, is refused once and goes on', async () => {
    // given
    const listener = () => {};
    const deployer = await callerWhoMay(aws.local, 'deploy');
    const role = {
      arn: `arn:aws:iam::${STAGING.account}:role/cdk-hnb659fds-deploy-role-${STAGING.account}-${STAGING.region}`,
    };
    const imagesNamed = (...tags: string[]) => {
      const repository = 'cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}';
      return tags.map((tag) => ({ target: STAGING, repository, tag, assetId: tag, stacks: [], source: {} }));
    };
    const look = async (credentials: AwsCredentialIdentity, deployRole?: { arn: string }) => {
      const connected = createAws({ listener, credentials: async () => credentials });
      const check = new AssetCheck(connected);
      const verify = async (...tags: string[]) => {
        const stack = { id: 'Data', target: STAGING, deployRole, files: [], images: imagesNamed(...tags) };
        const verifying = check.verify(await resolveStack(stack as never, connected));
        return verifying.then(
          () => 'nothing is known to be missing',
          ({ code }: Failure) => code,
        );
      };
      try {
        return await aws.counting(async () => [
          await verify('missing'),
          await verify('missing'),
          await verify('another', 'missing'),
        ]);
      } finally {
        connected.destroy();
      }
    };

    // when / then
    const root = await look(aws.local.credentialsFor(STAGING.account));
    expect(root.result).toEqual(Array(3).fill('AssetMissing'));
    expect(root.requests['DescribeImages']).toBe(2);
    const refused = await look(deployer, role);
    expect(refused.result).toEqual(Array(3).fill('nothing is known to be missing'));
    expect(refused.requests['DescribeImages']).toBe(1);
  });
});

/** Takes away, or gives back, that the images of the staging account's repository can be read. */
async function readingOfStaging(Effect: 'Allow' | 'Deny'): Promise<void> {
  const ecr = new ECRClient(rootOf(aws.local, STAGING));
  const repositoryName = `cdk-hnb659fds-container-assets-${STAGING.account}-${STAGING.region}`;
  const Action = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
  const policyText = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Principal: '*', Action }] });
  await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
  ecr.destroy();
}
