import { jest } from '@jest/globals';
import type { SDKv3CompatibleCredentials, SDKv3CompatibleCredentialProvider } from '@aws-cdk/cli-plugin-contract';
import { AssumeRoleSource } from './assume-role-source.ts';
import type { AssumeRole } from './role-session.ts';

const ACCOUNT = '111111111111';
const SYNTH = ['node', '/bin/cdk', 'synth'];
const DEPLOY = ['node', '/bin/cdk', 'deploy'];
const MINUTE = 60_000;

interface Given {
  readonly argv?: readonly string[];
  /** Names of the roles that exist and trust the caller. */
  readonly roles?: readonly string[];
}

/** A source whose STS is a list of roles; every session it makes has another key. */
function given({ argv = SYNTH, roles = ['cdk-readOnlyRole'] }: Given = {}) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const assumeRole: AssumeRole = async ({ account, name, purpose }) => {
    asked.push(`${purpose} ${account}/${name}`);
    if (!roles.includes(name)) {
      const message = 'User: arn:aws:iam::123456789012:user/anna is not authorized to perform: sts:AssumeRole';
      throw Object.assign(new Error(message), { name: 'AccessDenied' });
    }
    return {
      accessKeyId: `KEY-${asked.length}`,
      secretAccessKey: 'very-secret',
      sessionToken: 'token',
      expiration: new Date(Date.now() + 60 * MINUTE),
    };
  };
  const warn = (line: string) => void warnings.push(line);
  return { asked, warnings, source: new AssumeRoleSource({ argv, folder: '/nowhere', assumeRole, warn }) };
}

describe('an account whose role for reading can be assumed', () => {
  test('is claimed for a command that looks, without a try at the role for writing', async () => {
    const { source, asked } = given({ roles: ['cdk-readOnlyRole', 'cdk-writeRole'] });
    expect(await source.isAvailable()).toBe(true);
    expect(await source.canProvideCredentials(ACCOUNT)).toBe(true);
    expect(asked).toEqual([`read ${ACCOUNT}/cdk-readOnlyRole`]);
  });

  test('is left to the bootstrap roles where the command deploys and there is no role for writing, without a word', async () => {
    const { source, warnings } = given({ argv: DEPLOY });
    expect(await source.canProvideCredentials(ACCOUNT)).toBe(false);
    expect(warnings).toEqual([]);
  });

  test('is claimed for a command that deploys where both roles are there, and each mode gets its own', async () => {
    const { source, asked } = given({ argv: DEPLOY, roles: ['cdk-readOnlyRole', 'cdk-writeRole'] });
    expect(await source.canProvideCredentials(ACCOUNT)).toBe(true);
    await source.getProvider(ACCOUNT, 0);
    await source.getProvider(ACCOUNT, 1);
    expect(asked.toSorted()).toEqual([`read ${ACCOUNT}/cdk-readOnlyRole`, `write ${ACCOUNT}/cdk-writeRole`]);
  });
});

describe('an account whose role cannot be assumed', () => {
  test('is not claimed, and one line says once which role, which account, and what to do', async () => {
    const { source, warnings } = given({ roles: [] });
    expect(await source.canProvideCredentials(ACCOUNT)).toBe(false);
    expect(await source.canProvideCredentials(ACCOUNT)).toBe(false);
    expect(warnings).toEqual([
      'cdk-assume-role-credential-plugin: The role cdk-readOnlyRole of account 111111111111 cannot be assumed: arn:aws:iam::123456789012:user/anna may not; ' +
        'create cdk-readOnlyRole in 111111111111 with trust for the caller and let the caller assume it, or name another role in the context assume-role-credentials:readIamRoleName.',
    ]);
  });

  test('gives nobody the caller’s own credentials instead: asking for them is an error', async () => {
    const { source } = given();
    await expect(source.getProvider(ACCOUNT, 1, { supportsV3Providers: true })).rejects.toThrow(
      /^The role cdk-writeRole of account 111111111111 cannot be assumed: .*assume-role-credentials:writeIamRoleName\.$/,
    );
  });

  test('is asked for again: trust may have been granted meanwhile', async () => {
    const roles: string[] = [];
    const { source } = given({ roles });
    expect(await source.canProvideCredentials(ACCOUNT)).toBe(false);
    roles.push('cdk-readOnlyRole');
    expect(await source.canProvideCredentials(ACCOUNT)).toBe(true);
  });
});

describe('a session', () => {
  test('is made once, however many ask at the same time', async () => {
    const { source, asked } = given();
    await Promise.all([1, 2, 3].map(() => source.canProvideCredentials(ACCOUNT)));
    const provider = await providerOf(source);
    expect((await provider()).accessKeyId).toBe((await provider()).accessKeyId);
    expect(asked).toHaveLength(1);
  });

  test('is another one in another account', async () => {
    const { source, asked } = given();
    await source.getProvider(ACCOUNT, 0);
    await source.getProvider('222222222222', 0);
    expect(asked).toEqual([`read ${ACCOUNT}/cdk-readOnlyRole`, 'read 222222222222/cdk-readOnlyRole']);
  });

  test('is renewed before it ends', async () => {
    // given a session of an hour
    jest.useFakeTimers({ now: 0 });
    const { source, asked } = given();
    const provider = await providerOf(source);

    // when
    jest.setSystemTime(56 * MINUTE);

    // then
    expect((await provider()).accessKeyId).toBe('KEY-2');
    expect(asked).toHaveLength(2);
    jest.useRealTimers();
  });

  test('is handed to a host that takes no providers as it is, with its end', async () => {
    const { source } = given();
    const session = (await source.getProvider(ACCOUNT, 0)) as SDKv3CompatibleCredentials;
    expect(session).toMatchObject({ accessKeyId: 'KEY-1', sessionToken: 'token', expiration: expect.any(Date) });
  });
});

async function providerOf(source: AssumeRoleSource): Promise<SDKv3CompatibleCredentialProvider> {
  const provider = await source.getProvider(ACCOUNT, 0, { supportsV3Providers: true });
  return provider as SDKv3CompatibleCredentialProvider;
}
