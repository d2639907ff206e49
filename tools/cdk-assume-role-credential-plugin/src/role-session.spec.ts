import { callerRegion, sessionName } from './role-session.ts';

test.each([
  [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1'],
  [{ AWS_DEFAULT_REGION: 'cn-north-1' }, 'cn-north-1'],
])('with %j, STS is asked in %s', async (environment, region) => {
  expect(await callerRegion({ environment })).toBe(region);
});

describe('the name of a session', () => {
  test('says who it is and what for', () => {
    expect(sessionName('read', {})).toMatch(/^cdk-read-[\w+=,.@-]+$/);
  });

  test('is the one that the CDK CLI is given for its own sessions, as far as STS takes it', () => {
    expect(sessionName('write', { CDK_ROLE_SESSION_NAME: 'build #7' })).toBe('build@@7');
    expect(sessionName('write', { CDK_ROLE_SESSION_NAME: 'x'.repeat(100) })).toHaveLength(64);
  });
});
