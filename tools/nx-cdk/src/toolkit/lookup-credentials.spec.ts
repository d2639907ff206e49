import type { CredentialProviderSource } from '@aws-cdk/cli-plugin-contract';
import type { AwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { LookupCredentials, type LookupPlace } from './lookup-credentials.ts';

const PLACE: LookupPlace = {
  account: '111111111111',
  region: 'eu-west-1',
  role: { arn: 'arn:${AWS::Partition}:iam::111111111111:role/lookup' },
};

interface Given {
  /** ARNs of roles that the caller may assume. */
  readonly assumable?: readonly string[];
  readonly plugins?: readonly CredentialProviderSource[];
  readonly places?: readonly LookupPlace[];
}

function given({ assumable = [], plugins = [], places = [PLACE] }: Given) {
  const asked: string[] = [];
  const aws = {
    credentials:
      ({ role }: { role: { arn: string } }) =>
      async () => {
        asked.push(role.arn);
        if (!assumable.includes(role.arn))
          throw new Failure('AssumeRoleDenied', { what: `anna may not assume ${role.arn}.` });
        return { accessKeyId: 'KEY', secretAccessKey: 'very-secret' };
      },
  } as unknown as AwsClients;
  return { asked, credentials: new LookupCredentials(aws, plugins, () => places) };
}

function plugin(name: string, accounts: readonly string[], available = true): CredentialProviderSource {
  return {
    name,
    isAvailable: async () => available,
    canProvideCredentials: async (account) => accounts.includes(account),
    getProvider: async (_, mode) => ({ accessKeyId: `${name}-${mode}`, secretAccessKey: 'very-secret' }),
  };
}

describe('what looks things up in an account', () => {
  test('is the lookup role, where the caller may assume it; plugins are not even asked', async () => {
    const assumable = ['arn:aws:iam::111111111111:role/lookup'];
    const { credentials, asked } = given({ assumable, plugins: [plugin('all', [PLACE.account])] });
    expect(await credentials.canProvideCredentials(PLACE.account)).toBe(false);
    expect(asked).toEqual(assumable);
    expect(credentials.refusalOf(PLACE.account)).toBeUndefined();
  });

  test('is the first plugin that has credentials for it, where that role cannot be assumed', async () => {
    const broken = { ...plugin('broken', []), canProvideCredentials: () => Promise.reject(new Error('broken')) };
    const plugins = [
      broken,
      plugin('away', [PLACE.account], false),
      plugin('one', [PLACE.account]),
      plugin('two', [PLACE.account]),
    ];
    const { credentials } = given({ plugins });
    expect(await credentials.canProvideCredentials(PLACE.account)).toBe(true);
    expect(await credentials.getProvider(PLACE.account, 0)).toMatchObject({ accessKeyId: 'one-0' });
  });

  test('is a plugin, where the app names no lookup role', async () => {
    const { account, region } = PLACE;
    const { credentials } = given({ plugins: [plugin('one', [account])], places: [{ account, region }] });
    expect(await credentials.canProvideCredentials(account)).toBe(true);
  });

  test.each([
    ['no plugin', [], 'anna may not assume arn:aws:iam::111111111111:role/lookup.'],
    [
      'none that has credentials',
      [plugin('none', [])],
      'anna may not assume arn:aws:iam::111111111111:role/lookup, and no plugin has credentials for it.',
    ],
  ])('is nothing, where there is %s, and the reason is kept', async (_, plugins, reason) => {
    const { credentials } = given({ plugins });
    expect(await credentials.canProvideCredentials(PLACE.account)).toBe(false);
    expect(credentials.refusalOf(PLACE.account)).toBe(reason);
  });

  test('never writes, whatever a plugin has to offer', async () => {
    const { credentials } = given({ plugins: [plugin('one', [PLACE.account])] });
    expect(await credentials.canProvideCredentials(PLACE.account)).toBe(true);
    await expect(credentials.getProvider(PLACE.account, 1)).rejects.toMatchObject({ code: 'ReadOnly' });
  });
});
