import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { Failure } from '../failure/index.ts';
import { createAws } from './create-aws.ts';
import { explain } from './explain.ts';
import { annotate } from './observe.ts';
import { selfSigned } from './testing/certificate.ts';
import { type QueryAnswer, queryServer, refusal } from './testing/query-server.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIACALLER',
  AWS_SECRET_ACCESS_KEY: 'the-secret-of-the-caller',
  AWS_REGION: 'eu-west-1',
};

describe('what people read of a failed call', () => {
  test('nothing listens at the endpoint', async () => {
    // given a port that was free a moment ago
    const { url, close } = await queryServer(() => undefined);
    await close();
    // then
    expect(await failureInProcess(url)).toEqual({
      code: 'Unreachable',
      message: `${url} cannot be reached: nothing listens there: check AWS_ENDPOINT_URL and that it is started.`,
    });
  });

  test('nothing listens at an endpoint that somebody can start', async () => {
    const { url, close } = await queryServer(() => undefined);
    await close();
    expect(await failureInProcess(url, { NX_CDK_ENDPOINT_START: 'npx local-aws start' })).toEqual({
      code: 'Unreachable',
      message: `${url} cannot be reached: nothing listens there: check that it is started (npx local-aws start).`,
    });
  });

  test('the host is unknown', async () => {
    expect(await failureInProcess('http://aws.invalid')).toEqual({
      code: 'Unreachable',
      message: expect.stringMatching(
        /^http:\/\/aws\.invalid cannot be reached: the host (is unknown|name could not be resolved): check AWS_ENDPOINT_URL/,
      ),
    });
  });

  test('the certificate is signed by an authority that nobody named', async () => {
    const server = await queryServer(() => undefined, selfSigned());
    expect(await failureInProcess(server.url)).toEqual({
      code: 'Unreachable',
      message: `${server.url} cannot be reached: its certificate is not trusted: name the file of its certificate authority in AWS_CA_BUNDLE.`,
    });
    await server.close();
  });

  test('the other side hangs up', async () => {
    const server = await queryServer(() => undefined);
    expect(await failureInProcess(server.url)).toMatchObject({
      code: 'Unreachable',
      message: expect.stringContaining('the connection was closed'),
    });
    await server.close();
  });

  test.each([
    ['ExpiredToken', /^The AWS credentials have expired: sign in again/],
    ['ExpiredTokenException', /^The AWS credentials have expired: sign in again/],
    ['InvalidClientTokenId', /does not accept the AWS credentials \(InvalidClientTokenId\): check AWS_PROFILE/],
    ['SignatureDoesNotMatch', /does not accept the AWS credentials \(SignatureDoesNotMatch\): check AWS_PROFILE/],
    ['InvalidToken', /does not accept the AWS credentials \(InvalidToken\): check AWS_PROFILE/],
  ])('the credentials are no good: %s', async (code, sentence) => {
    const failure = await failureOf(() => refusal(403, code, 'The security token is not what it should be'));
    expect(failure).toMatchObject({ code: 'Credentials', message: expect.stringMatching(sentence) });
  });

  test('a denial names who may not do what, where, and what AWS said to it', async () => {
    const said = 'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: cloudformation:DescribeStacks';
    expect(await failureOf(() => refusal(403, 'AccessDenied', said))).toEqual({
      code: 'AccessDenied',
      message: `The caller may not cloudformation:DescribeStacks in 111111111111/eu-west-1: ${said}.`,
    });
  });

  test('everything else names the call and keeps the words of AWS', async () => {
    expect(await failureOf(() => refusal(400, 'ValidationError', 'Stack with id Data does not exist'))).toEqual({
      code: 'AwsCall',
      message:
        'cloudformation:DescribeStacks failed as the caller in 111111111111/eu-west-1: Stack with id Data does not exist.',
    });
  });

  test('a role is called by its name', () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied' });
    annotate(denied, { service: 's3', action: 'PutObject', role: 'cdk-deploy-role', target: '1/eu-west-1' });
    expect(explain(denied).message).toBe('The role cdk-deploy-role may not s3:PutObject in 1/eu-west-1: no.');
  });

  test('no credentials at all: how to get some', () => {
    const missing = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    expect(explain(missing)).toMatchObject({
      code: 'Credentials',
      message: expect.stringMatching(/^No usable AWS credentials: .*set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in/),
    });
  });

  test('an error that is for people already stays as it is, and whatever else is thrown becomes one', () => {
    const failure = new Failure('AssetMissing', { what: 'Publish first.' });
    expect(explain(failure)).toBe(failure);
    expect(explain('a string').message).toBe('a string.');
    expect(explain(undefined)).toBeInstanceOf(Failure);
    expect(explain(null)).toBeInstanceOf(Failure);
  });
});

/** What becomes of the answer that a server gives to every call. */
async function failureOf(answer: () => QueryAnswer): Promise<{ code: string; message: string }> {
  const server = await queryServer(answer);
  try {
    return await failureAt(server.url);
  } finally {
    await server.close();
  }
}

/** The failure of a call to an endpoint; never one that tells a secret. */
async function failureAt(endpoint: string): Promise<{ code: string; message: string }> {
  const aws = createAws({
    listener: () => undefined,
    environment: { ...KEYS, AWS_ENDPOINT_URL: endpoint },
    maxAttempts: 1,
  });
  try {
    const client = await aws.cloudFormation({ account: '111111111111', region: 'eu-west-1' });
    const error = await client.send(new DescribeStacksCommand({ StackName: 'Data' })).then(
      () => new Error('the call did not fail'),
      (thrown: unknown) => thrown,
    );
    const { code, message } = explain(error);
    expect(message).not.toContain(KEYS.AWS_SECRET_ACCESS_KEY);
    return { code, message };
  } finally {
    aws.destroy();
  }
}

/**
 * The failure of a call in a process of its own. In a test, which runs in a realm of its own, the SDK does not know
 * errors of Node itself as errors, and would hide them in a wrapper.
 */
async function failureInProcess(
  endpoint: string,
  variables: NodeJS.ProcessEnv = {},
): Promise<{ code: string; message: string }> {
  const module = (name: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href);
  const script = `
    import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
    import { createAws } from ${module('create-aws.ts')};
    import { explain } from ${module('explain.ts')};
    const aws = createAws({ listener: () => undefined, maxAttempts: 1 });
    const client = await aws.cloudFormation({ account: '111111111111', region: 'eu-west-1' });
    const { code, message } = explain(await client.send(new DescribeStacksCommand({})).catch((error) => error));
    console.log(JSON.stringify({ code, message }));
    aws.destroy();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], ...KEYS, AWS_ENDPOINT_URL: endpoint, ...variables },
  });
  return JSON.parse(stdout);
}
