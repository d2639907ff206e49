import { jest } from '@jest/globals';
import type { STSClient } from '@aws-sdk/client-sts';
import { redact } from '../progress/index.ts';
import { assumedRoles } from './sessions.ts';

const MINUTE = 60_000;
const DEPLOY = {
  account: '111111111111',
  region: 'eu-west-1',
  role: { kind: 'deploy', region: 'eu-west-1', arn: 'arn:aws:iam::111111111111:role/deploy' },
} as const;

beforeEach(() => jest.useFakeTimers({ now: 0 }));
afterEach(() => jest.useRealTimers());

describe('sessions of assumed roles', () => {
  test('however many ask at the same time, a role is assumed once', async () => {
    const { provider, calls } = given();
    const asked = Array.from({ length: 100 }, () => provider(DEPLOY)());
    const keys = new Set((await Promise.all(asked)).map(({ secretAccessKey }) => secretAccessKey));
    expect(keys.size).toBe(1);
    expect(calls).toHaveLength(1);
  });

  test('roles, external ids and session tags of their own have sessions of their own', async () => {
    const { provider, calls } = given();
    await provider(DEPLOY)();
    await provider({ ...DEPLOY, role: { ...DEPLOY.role, externalId: 'handshake' } })();
    await provider({ ...DEPLOY, role: { ...DEPLOY.role, options: { Tags: [{ Key: 'a', Value: 'b' }] } } })();
    expect(calls).toEqual([
      expect.objectContaining({ RoleArn: DEPLOY.role.arn, RoleSessionName: expect.stringMatching(/^nx-cdk-/) }),
      expect.objectContaining({ ExternalId: 'handshake' }),
      expect.objectContaining({ Tags: [{ Key: 'a', Value: 'b' }] }),
    ]);
  });

  test('a session is used until five minutes before its end, then renewed, once for all', async () => {
    // given a session of an hour
    const { provider, calls } = given();
    const credentials = provider(DEPLOY);
    const first = await credentials();

    // when
    jest.setSystemTime(54 * MINUTE);
    // then
    expect(await credentials()).toBe(first);

    // when
    jest.setSystemTime(56 * MINUTE);
    const renewed = await Promise.all(Array.from({ length: 20 }, () => credentials()));
    // then
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toEqual(first);
    expect(calls).toHaveLength(2);
  });

  test('a refusal names caller, role and both possible causes, and is not remembered', async () => {
    // given trust that is granted while the process runs
    const denied = Object.assign(new Error('is not authorized'), { name: 'AccessDenied' });
    const { provider, calls } = given([denied]);
    const credentials = provider(DEPLOY);

    // when
    const asked = await Promise.allSettled([credentials(), credentials()]);

    // then
    for (const one of asked) {
      expect(one).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'AssumeRoleDenied',
          message: expect.stringMatching(
            /^arn:aws:iam::123456789012:user\/me may not sts:AssumeRole arn:aws:iam::111111111111:role\/deploy: either 111111111111\/eu-west-1 is not bootstrapped with trust.*or the caller's own policy/,
          ),
        },
      });
    }
    await expect(credentials()).resolves.toMatchObject({ accessKeyId: 'ASIA' });
    expect(calls).toHaveLength(2);
  });

  test.each(['hotswap', 'garbage'] as const)(
    'a refused %s role is one that an app of the workspace makes',
    async (kind) => {
      const denied = Object.assign(new Error('is not authorized'), { name: 'AccessDenied' });
      const { provider } = given([denied]);
      await expect(provider({ ...DEPLOY, role: { ...DEPLOY.role, kind } })()).rejects.toMatchObject({
        code: 'AssumeRoleDenied',
        next: expect.stringMatching(/nx deploy required-resources/),
      });
    },
  );

  test('a lost connection is not called a refusal', async () => {
    const lost = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { provider } = given([lost]);
    await expect(provider(DEPLOY)()).rejects.toMatchObject({ code: 'Unreachable' });
  });

  test('the secrets of a session are masked wherever they might be written', async () => {
    const { provider } = given();
    const { secretAccessKey, sessionToken } = await provider(DEPLOY)();
    const text = redact(`a debug line with ${secretAccessKey} and ${sessionToken}`);
    expect(text).not.toContain(secretAccessKey);
    expect(text).not.toContain(sessionToken);
  });
});

/** Sessions of an STS that fails as it is told, then answers with sessions of an hour. */
function given(errors: Error[] = []) {
  const calls: object[] = [];
  const send = async ({ input }: { input: object }) => {
    calls.push(input);
    const error = errors.shift();
    if (error !== undefined) throw error;
    const secret = `secret-key-number-${calls.length}`;
    const Expiration = new Date(Date.now() + 60 * MINUTE);
    const Credentials = { AccessKeyId: 'ASIA', SecretAccessKey: secret, SessionToken: `t-${secret}`, Expiration };
    return { Credentials };
  };
  const provider = assumedRoles({
    sts: async () => ({ send }) as unknown as STSClient,
    callerArn: async () => 'arn:aws:iam::123456789012:user/me',
  });
  return { provider, calls };
}
