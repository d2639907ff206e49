import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsClients } from '../aws/index.ts';
import { defaultEnvironment } from './default-environment.ts';

const nowhere = mkdtempSync(join(tmpdir(), 'nx-cdk-spec-'));
afterAll(() => rmSync(nowhere, { recursive: true }));

/** A machine without files of profiles. */
const MACHINE = { AWS_CONFIG_FILE: join(nowhere, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(nowhere, 'credentials') };
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA' };

async function resolved(environment: NodeJS.ProcessEnv, answers: { region?: string; account?: string } = {}) {
  const calls: string[] = [];
  const aws = {
    region: async () => answers.region ?? Promise.reject(new Error('no region')),
    caller: async (region: string) => {
      calls.push(region);
      return answers.account === undefined ? Promise.reject(new Error('expired')) : { account: answers.account };
    },
  };
  const result = await defaultEnvironment(aws as unknown as AwsClients, { ...MACHINE, ...environment });
  return { result, calls };
}

describe('the default account and region of an app', () => {
  test('are those of the caller', async () => {
    const { result } = await resolved(KEYS, { region: 'eu-west-1', account: '111111111111' });
    expect(result).toEqual({ CDK_DEFAULT_ACCOUNT: '111111111111', CDK_DEFAULT_REGION: 'eu-west-1' });
  });

  test('are a region alone without credentials, for which nobody is asked, and where they are refused', async () => {
    expect(await resolved({}, { account: '111111111111' })).toEqual({
      result: { CDK_DEFAULT_REGION: 'us-east-1' },
      calls: [],
    });
    expect((await resolved(KEYS)).result).toEqual({ CDK_DEFAULT_REGION: 'us-east-1' });
  });

  test('are what the shell says, for which nobody is asked', async () => {
    const shell = { CDK_DEFAULT_ACCOUNT: '222222222222', CDK_DEFAULT_REGION: 'eu-west-3' };
    const answers = { region: 'eu-west-1', account: '111111111111' };
    expect(await resolved({ ...KEYS, ...shell }, answers)).toEqual({ result: shell, calls: [] });
  });
});
