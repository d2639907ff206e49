import type { ImageAsset } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { imageList } from './image-list.ts';

describe('the list of images', () => {
  test('has each image once and each destination once, with every stack that needs it', async () => {
    // given
    const prod = { account: '222222222222', region: 'us-east-1' };
    const images = [
      image({ stacks: ['staging/Api'] }),
      image({ stacks: ['staging/Jobs'] }),
      image({ stacks: ['prod/Api'], target: prod }),
      image({ stacks: ['staging/Api'], source: { fingerprint: 'other' }, tag: 'other' }),
    ];

    // when
    const work = await imageList(images, {} as AwsClients);

    // then
    expect(work.map(({ destinations }) => destinations.map(({ id }) => id))).toEqual([
      ['111111111111/eu-west-1/images-111111111111:tag', '222222222222/us-east-1/images-222222222222:tag'],
      ['111111111111/eu-west-1/images-111111111111:other'],
    ]);
    expect(work[0]!.destinations[0]!.stacks).toEqual(['staging/Api', 'staging/Jobs']);
    expect(work[0]!.destinations[1]!.session).toEqual({
      ...prod,
      role: { arn: 'arn:aws:iam::222222222222:role/images-us-east-1' },
    });
    expect(work.flatMap(({ claimedTwice }) => [...claimedTwice])).toEqual([]);
  });

  test('tells of a tag that two images of different sources claim', async () => {
    const work = await imageList([image(), image({ source: { fingerprint: 'other' } })], {} as AwsClients);
    expect(work).toHaveLength(1);
    expect([...work[0]!.claimedTwice]).toEqual(['111111111111/eu-west-1/images-111111111111:tag']);
  });

  test("goes to the caller's own account where the assembly leaves it open", async () => {
    const caller = async () => ({ account: '333333333333', region: 'eu-central-1', partition: 'aws', arn: '' });
    const target = { account: 'unknown-account', region: 'unknown-region' };
    const [work] = await imageList([image({ target })], { caller } as AwsClients);
    expect(work!.destinations[0]!.id).toBe('333333333333/eu-central-1/images-333333333333:tag');
  });
});

function image(extra: Partial<ImageAsset> = {}): ImageAsset {
  return {
    stacks: ['Api'],
    assetId: 'abc',
    destinationId: 'here',
    target: { account: '111111111111', region: 'eu-west-1' },
    role: { arn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/images-${AWS::Region}' },
    source: { fingerprint: 'source' },
    manifestFile: '/assembly/Api.assets.json',
    repository: 'images-${AWS::AccountId}',
    tag: 'tag',
    ...extra,
  };
}
