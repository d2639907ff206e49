import type { AssemblyStack, FileAsset, ImageAsset } from '../assembly/index.ts';
import type { AwsClients, Session } from '../aws/index.ts';
import { destinationsOf, templateOf } from './index.ts';

const HERE = { account: '111111111111', region: 'eu-west-1' };
const CALLER = {
  account: '333333333333',
  region: 'eu-central-1',
  partition: 'aws',
  arn: 'arn:aws:iam::333333333333:root',
};

describe('a destination', () => {
  test('is named by target, bucket and key, or repository and tag, with every placeholder filled in', async () => {
    const { files, images } = await destinationsOf({ files: [file()], images: [image()] }, noCaller());
    expect(files).toMatchObject([
      {
        id: '111111111111/eu-west-1/assets-111111111111-eu-west-1/h.zip',
        place: 's3://assets-111111111111-eu-west-1/h.zip',
        bucket: 'assets-111111111111-eu-west-1',
        target: HERE,
        targetName: '111111111111/eu-west-1',
      },
    ]);
    expect(images).toMatchObject([
      {
        id: '111111111111/eu-west-1/images-111111111111:tag',
        place: 'images-111111111111:tag in 111111111111/eu-west-1',
        repository: 'images-111111111111',
      },
    ]);
  });

  test('is reached by its publishing role, the partition taken from its region', async () => {
    const target = { account: '222222222222', region: 'cn-north-1' };
    const { files, images } = await destinationsOf(
      { files: [file({ target })], images: [image({ target })] },
      noCaller(),
    );
    expect(files[0]!.session).toEqual({
      ...target,
      role: {
        kind: 'file-publishing',
        region: 'cn-north-1',
        arn: 'arn:aws-cn:iam::222222222222:role/publishing-cn-north-1',
        externalId: 'secret-handshake',
      },
    });
    expect(images[0]!.session.role).toMatchObject({
      kind: 'image-publishing',
      arn: 'arn:aws-cn:iam::222222222222:role/images-cn-north-1',
    });
  });

  test('is reached by the deploy role in a deployment, in the region of the destination', async () => {
    const arn = 'arn:aws:iam::111111111111:role/deploy';
    const deployer: Session = { ...HERE, role: { kind: 'deploy', region: HERE.region, arn } };
    const elsewhere = { ...HERE, region: 'us-east-1' };
    const assets = { files: [file({ target: elsewhere })], images: [image()] };
    const { files, images } = await destinationsOf(assets, noCaller(), deployer);
    expect(files[0]!.session).toEqual({ ...deployer, region: 'us-east-1' });
    expect(images[0]!.session).toEqual(deployer);
  });

  test("is in the caller's account and region if the assembly leaves them open", async () => {
    const target = { account: 'unknown-account', region: 'unknown-region' };
    const aws = { caller: async () => CALLER } as unknown as AwsClients;
    const assets = { files: [file({ target, role: undefined })], images: [image({ target })] };
    const { files, images } = await destinationsOf(assets, aws);
    expect(files[0]).toMatchObject({
      bucket: 'assets-333333333333-eu-central-1',
      target: { account: '333333333333', region: 'eu-central-1' },
      session: { account: '333333333333', region: 'eu-central-1' },
    });
    expect(images[0]!.id).toBe('333333333333/eu-central-1/images-333333333333:tag');
  });

  test('is called by the display name of its asset, else by the file, else by the hash', async () => {
    const executable = { fingerprint: 'x', packaging: 'file', executable: ['make'] } as const;
    const files = [file({ displayName: 'Api/Handler/Code' }), file(), file({ source: executable })];
    const images = [image({ displayName: 'Api/Image' }), image()];
    const named = await destinationsOf({ files, images }, noCaller());
    expect(named.files.map(({ label }) => label)).toEqual(['Api/Handler/Code', 'asset.abc', 'abc']);
    expect(named.images.map(({ label }) => label)).toEqual(['Api/Image', 'abc']);
  });
});

test.each([
  ['s3://assets-${AWS::AccountId}-${AWS::Region}/h.zip', 'h.zip'],
  ['https://s3.eu-west-1.amazonaws.com/assets-111111111111-eu-west-1/h.zip', 'h.zip'],
  ['s3://other/h.zip', undefined],
  [undefined, undefined],
])('the template of a stack is found among its files: %s', async (templateUrl, key) => {
  const stack = { target: HERE, templateUrl, files: [file({ key: 'other.zip' }), file()], images: [] };
  const { files } = await destinationsOf(stack, noCaller());
  expect((await templateOf(stack as unknown as AssemblyStack, { files }, noCaller()))?.key).toBe(key);
});

function file(fields: Partial<FileAsset> = {}): FileAsset {
  return {
    stacks: ['staging/Api'],
    assetId: 'abc',
    manifestFile: '/assembly/Api.assets.json',
    target: HERE,
    role: {
      arn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/publishing-${AWS::Region}',
      externalId: 'secret-handshake',
    },
    source: { fingerprint: 'handler', path: '/a/asset.abc', packaging: 'zip' },
    bucket: 'assets-${AWS::AccountId}-${AWS::Region}',
    key: 'h.zip',
    ...fields,
  };
}

function image(fields: Partial<ImageAsset> = {}): ImageAsset {
  return {
    stacks: ['Api'],
    assetId: 'abc',
    target: HERE,
    role: { arn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/images-${AWS::Region}' },
    source: { fingerprint: 'source' },
    manifestFile: '/assembly/Api.assets.json',
    repository: 'images-${AWS::AccountId}',
    tag: 'tag',
    ...fields,
  };
}

/** If account and region are known, nobody has to ask. */
function noCaller(): AwsClients {
  return { caller: () => Promise.reject(new Error('asked for the caller')) } as unknown as AwsClients;
}
