import type { FileAsset } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { workList } from './work-list.ts';

const CALLER = {
  account: '333333333333',
  region: 'eu-central-1',
  partition: 'aws',
  arn: 'arn:aws:iam::333333333333:root',
};

describe('the work list', () => {
  test('has each source once and each object once, with every stack that needs it', async () => {
    // given two stacks of two accounts that share a handler, one of them twice
    const files = [
      asset({ stacks: ['staging/Api'] }),
      asset({ stacks: ['staging/Jobs'] }),
      asset({ stacks: ['prod/Api'], target: { account: '222222222222', region: 'us-east-1' } }),
      asset({
        stacks: ['staging/Api'],
        source: { fingerprint: 'template', path: '/a/Api.template.json', packaging: 'file' },
        key: 't.json',
      }),
    ];

    // when
    const { work, conflicts } = await workList(files, noCaller());

    // then
    expect(work.map(({ source, destinations }) => [source.fingerprint, destinations.map(({ id }) => id)])).toEqual([
      [
        'handler',
        [
          '111111111111/eu-west-1/assets-111111111111-eu-west-1/h.zip',
          '222222222222/us-east-1/assets-222222222222-us-east-1/h.zip',
        ],
      ],
      ['template', ['111111111111/eu-west-1/assets-111111111111-eu-west-1/t.json']],
    ]);
    expect(work[0]!.destinations[0]!.stacks).toEqual(['staging/Api', 'staging/Jobs']);
    expect(conflicts).toEqual([]);
  });

  test('fills placeholders in from the target of the destination, the partition from its region', async () => {
    const target = { account: '222222222222', region: 'cn-north-1' };
    const { work } = await workList([asset({ target })], noCaller());
    expect(work[0]!.destinations[0]!.session).toEqual({
      ...target,
      role: { arn: 'arn:aws-cn:iam::222222222222:role/publishing-cn-north-1', externalId: 'secret-handshake' },
    });
  });

  test('takes account and region of the caller where the assembly leaves them open', async () => {
    const open = asset({ target: { account: 'unknown-account', region: 'unknown-region' }, role: undefined });
    const { work } = await workList([open], { caller: async () => CALLER } as unknown as AwsClients);
    expect(work[0]!.destinations[0]).toMatchObject({
      bucket: 'assets-333333333333-eu-central-1',
      target: { account: '333333333333', region: 'eu-central-1' },
      session: { account: '333333333333', region: 'eu-central-1' },
    });
  });

  test('names the objects that two sources claim', async () => {
    const other = { fingerprint: 'other', path: '/b/handler', packaging: 'zip' } as const;
    const { work, conflicts } = await workList([asset({}), asset({ source: other })], noCaller());
    expect(work.flatMap(({ destinations }) => destinations)).toHaveLength(1);
    expect(conflicts[0]!.sources.map(({ fingerprint }) => fingerprint)).toEqual(['handler', 'other']);
  });

  test('calls an asset by its display name, else by its file, else by its hash', async () => {
    const { work } = await workList(
      [
        asset({ displayName: 'Api/Handler/Code', key: '1' }),
        asset({ key: '2' }),
        asset({ key: '3', source: { fingerprint: 'x', packaging: 'file', executable: ['make'] } }),
      ],
      noCaller(),
    );
    const labels = work.flatMap(({ destinations }) => destinations.map(({ label }) => label));
    expect(labels).toEqual(['Api/Handler/Code', 'asset.abc', 'abc']);
  });
});

function asset(fields: Partial<FileAsset>): FileAsset {
  return {
    stacks: ['staging/Api'],
    assetId: 'abc',
    destinationId: 'current',
    target: { account: '111111111111', region: 'eu-west-1' },
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

/** Whoever knows account and region has no need to ask. */
function noCaller(): AwsClients {
  return { caller: () => Promise.reject(new Error('asked for the caller')) } as unknown as AwsClients;
}
