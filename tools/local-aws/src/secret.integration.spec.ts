import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import { startInstance, type LocalAws } from './index.ts';
import { controlRequest, localRequest } from './local-request.ts';
import { instanceFiles } from './locations.ts';
import { requireRunning } from './instance.ts';
import { clientsOf, deploy, region } from './testing/clients.ts';

const account = '111111111111';

/** A function that anybody would call, to run a program as the owner of the instance. */
const functionTemplate = {
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'function-role',
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'known',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: 'exports.handler = async () => process.env.AWS_ACCESS_KEY_ID;' },
      },
    },
    Url: {
      Type: 'AWS::Lambda::Url',
      Properties: { TargetFunctionArn: { 'Fn::GetAtt': ['Function', 'Arn'] }, AuthType: 'AWS_IAM' },
    },
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: 'api', ProtocolType: 'HTTP' },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Function', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: '$default',
        AuthorizationType: 'AWS_IAM',
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
      },
    },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
    },
  },
  Outputs: {
    Url: { Value: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] } },
    Api: { Value: { Ref: 'Api' } },
  },
};

describe('another user of this machine, who reaches the port and knows no secret', () => {
  let folder: string;
  let directory: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    directory = join(folder, 'instance');
    aws = await startInstance({ directory, managementAccount: '123456789012', region });
    clients = clientsOf(aws);
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const status = async (...request: Parameters<typeof localRequest> extends [unknown, ...infer Rest] ? Rest : never) =>
    (await localRequest(aws, ...request)).status;

  test.each([
    ['POST', '/_ministack/reset'],
    ['POST', '/_ministack/config'],
    ['GET', '/_ministack/health'],
    ['GET', '/_ministack/ses/messages'],
    ['GET', '/_ministack/sqs/messages?QueueUrl=x'],
    ['GET', `/_ministack/lambda-code/${account}/${region}/known`],
    ['GET', '/%5fministack/health'],
    ['GET', '/_localstack/health'],
    ['POST', '/_local-aws/service-session'],
  ])('makes no control call: %s %s', async (method, path) => {
    for (const secret of [undefined, '', 'test', `${aws.credentialsFor(account).secretAccessKey}x`])
      expect(
        await status(path, { method, headers: secret === undefined ? {} : { 'x-local-aws-secret': secret } }),
      ).toBe(401);
  });

  test('the owner makes control calls, with the secret', async () => {
    const running = await requireRunning(directory);

    expect((await controlRequest(running, '/_ministack/health')).status).toBe(200);
  });

  test('signs with no key that is known everywhere', async () => {
    for (const accessKeyId of ['test', account, '000000000000', 'AKIAIOSFODNN7EXAMPLE'])
      for (const secretAccessKey of ['test', accessKeyId])
        await expect(clients.whoAmI({ accessKeyId, secretAccessKey })).rejects.toMatchObject({
          $metadata: { httpStatusCode: 403 },
        });
  });

  test.each<Record<string, string>>([
    {},
    { authorization: 'anything' },
    { authorization: 'Bearer token' },
    { authorization: 'Basic dGVzdDp0ZXN0' },
  ])('is nobody without a signature: %j', async (headers) => {
    const query = (service: string, action: string) =>
      status(`/?Action=${action}`, { headers: { ...headers, host: `${service}.${region}.amazonaws.com` } });
    const create = { method: 'POST', body: '{"FunctionName":"evil"}' };

    expect(await query('cloudformation', 'DescribeStacks&Version=2010-05-15')).toBe(403);
    expect(await query('iam', 'ListRoles&Version=2010-05-08')).toBe(403);
    expect(await query('sts', 'GetCallerIdentity&Version=2011-06-15')).toBe(403);
    for (const options of [{}, create])
      expect(
        await status('/2015-03-31/functions', {
          ...options,
          headers: { ...headers, host: `lambda.${region}.amazonaws.com` },
        }),
      ).toBe(403);
  });

  test('neither reads nor writes a bucket, nor makes one, by any address', async () => {
    const storage = clients.s3(aws.credentialsFor(account));
    const CreateBucketConfiguration = { LocationConstraint: region } as const;
    await storage.send(new s3.CreateBucketCommand({ Bucket: 'staging', CreateBucketConfiguration }));
    await storage.send(new s3.PutObjectCommand({ Bucket: 'staging', Key: 'template', Body: 'mine' }));
    const host = `s3.${region}.amazonaws.com`;
    const soon = Math.floor(Date.now() / 1000) + 600;
    const scope = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}%2F${region}%2Fs3%2Faws4_request`;
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');

    for (const query of [
      '',
      `?AWSAccessKeyId=${account}&Signature=x&Expires=${soon}`,
      `?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${account}%2F${scope}&X-Amz-Date=${date}` +
        `&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=${'0'.repeat(64)}`,
    ])
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expect(await status(`/staging/template${query}`, { method, headers: { host } })).toBe(403);
        expect(await status(`/template${query}`, { method, headers: { host: `staging.${host}` } })).toBe(403);
      }
    expect(await status('/cdk-hnb659fds-assets', { method: 'PUT', headers: { host } })).toBe(403);
    expect(await status('/', { headers: { host } })).toBe(403);
    const found = await storage.send(new s3.GetObjectCommand({ Bucket: 'staging', Key: 'template' }));
    expect(await found.Body!.transformToString()).toBe('mine');
  });

  test('neither calls what asks for a signature, nor works out the credentials of a function', async () => {
    // given a function behind a URL and an API, both with IAM authorization
    const root = aws.credentialsFor(account);
    const { stack } = await deploy(clients.cloudFormation(root), 'functions', functionTemplate);
    const output = (key: string) => stack.Outputs!.find(({ OutputKey }) => OutputKey === key)!.OutputValue!;
    const hosts = [new URL(output('Url')).host, `${output('Api')}.execute-api.${region}.amazonaws.com`];

    // when / then
    for (const host of hosts)
      for (const authorization of [undefined, 'anything', 'Bearer x', 'AWS4-HMAC-SHA256 x', `AWS ${account}:x`])
        expect([
          host,
          authorization,
          await status('/', { headers: { host, ...(authorization && { authorization }) } }),
        ]).toEqual([host, authorization, 403]);
    const lambda = new LambdaClient(clients.config(root));
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'known' }));
    const digest = createHash('sha256')
      .update(`arn:aws:lambda:${region}:${account}:function:known:arn:aws:iam::${account}:role/function-role`)
      .digest('hex');
    const derived = (what: string) => createHash('sha256').update(`${what}:${digest}`).digest('hex');
    expect(Buffer.from(Payload!).toString()).toMatch(/^"ASIA[0-9A-F]{16}"$/);
    await expect(
      clients.whoAmI({
        accessKeyId: `ASIA${digest.slice(0, 16).toUpperCase()}`,
        secretAccessKey: derived('secret'),
        sessionToken: derived('token'),
      }),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test('cannot read the files; the secret stays for a restart, and one that others could read is replaced', async () => {
    const own = { directory: join(folder, 'restarted'), managementAccount: '123456789012', region };
    const secretOf = (instance: LocalAws) => instance.credentialsFor(account).secretAccessKey;
    const file = instanceFiles(own.directory).secret;
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    const first = await startInstance(own);

    expect([await mode(own.directory), await mode(file)]).toEqual([0o700, 0o600]);
    expect(await readFile(file, 'utf8')).toBe(secretOf(first));
    expect(secretOf(first)).not.toBe(secretOf(aws));
    await first.stop();

    const second = await startInstance(own);
    expect(secretOf(second)).toBe(secretOf(first));
    await second.stop();

    await writeFile(file, 'a secret that somebody else has written down here');
    await chmod(file, 0o644);
    const third = await startInstance(own);
    expect(secretOf(third)).toMatch(/^[\w-]{40}$/);
    expect(await mode(file)).toBe(0o600);
    await third.stop();
  });

  test('a folder that others may write to holds no instance', async () => {
    const open = await mkdtemp(join(folder, 'open-'));
    await chmod(open, 0o777);

    await expect(startInstance({ directory: open, managementAccount: '123456789012', region })).rejects.toMatchObject({
      code: 'BadOption',
      message: expect.stringMatching(/open-.*chmod 700/),
    });
  });
});
