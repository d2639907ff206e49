import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type LocalAws, startInstance } from '@nx-cdk/local-aws';
import { startProxy, type AwsProxy, type RequestRecord } from './index.ts';

const ci = '123456789012';
const workload = '111111111111';
const region = 'eu-west-1';

let directory: string;
let aws: LocalAws;
let proxy: AwsProxy;
let agent: Agent;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'aws-proxy-'));
  aws = await startInstance({ directory, managementAccount: ci, region });
  proxy = await startProxy(aws);
  agent = new Agent({ keepAlive: true, ca: readFileSync(proxy.caFile) });
});

afterAll(async () => {
  agent?.destroy();
  await proxy?.close();
  await aws?.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(() => proxy.reset());

function configuration(account: string, maxAttempts = 1) {
  return {
    endpoint: proxy.endpoint,
    region,
    credentials: aws.credentialsFor(account),
    requestHandler: new NodeHttpHandler({ httpsAgent: agent }),
    maxAttempts,
  };
}

const summary = ({ service, action, account, status }: RequestRecord) => ({ service, action, account, status });

describe('a request through the proxy', () => {
  test('keeps its signature in every protocol, and is told by service, action and account', async () => {
    await new CloudFormationClient(configuration(workload)).send(new ListStacksCommand({}));
    await new S3Client(configuration(workload)).send(new CreateBucketCommand({ Bucket: 'assets' }));
    const ssm = new SSMClient(configuration(workload));
    await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }));

    expect(proxy.requests.map(summary)).toEqual([
      { service: 'cloudformation', action: 'ListStacks', account: workload, status: 200 },
      { service: 's3', action: 'CreateBucket', account: workload, status: 200 },
      { service: 'ssm', action: 'PutParameter', account: workload, status: 200 },
    ]);
    expect(proxy.count({ service: 's3', region })).toBe(1);
  });

  test('with a wrong signature is refused by what is behind', async () => {
    const credentials = { ...aws.credentialsFor(workload), secretAccessKey: 'wrong' };
    const refused = new STSClient({ ...configuration(workload), credentials }).send(new GetCallerIdentityCommand({}));
    await expect(refused).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    expect(proxy.requests.map(summary)).toEqual([
      { service: 'sts', action: 'GetCallerIdentity', account: workload, status: 403 },
    ]);
  });

  test('of a role session is told by the account and the name of the role', async () => {
    const role = 'OrganizationAccountAccessRole';
    const assume = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${workload}:role/${role}`, RoleSessionName: 'test' });
    const { Credentials } = await new STSClient(configuration(ci)).send(assume);
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    await new CloudFormationClient({ ...configuration(ci), credentials }).send(new ListStacksCommand({}));

    expect(proxy.requests).toMatchObject([
      { action: 'AssumeRole', account: ci, role: undefined },
      { action: 'ListStacks', account: workload, role },
    ]);
  });

  test('carries large bodies both ways unchanged', async () => {
    const s3 = new S3Client(configuration(workload));
    const content = randomBytes(12 * 1024 * 1024);
    await s3.send(new CreateBucketCommand({ Bucket: 'large' }));
    await s3.send(new PutObjectCommand({ Bucket: 'large', Key: 'a/b c.zip', Body: content }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'large', Key: 'a/b c.zip' }));
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(digest(await Body!.transformToByteArray())).toBe(digest(content));
    expect(proxy.requests.map(({ action }) => action)).toEqual(['CreateBucket', 'PutObject', 'GetObject']);
  });

  test('waits with fifty others at once, not behind them', async () => {
    const sts = new STSClient(configuration(workload));
    const started = Date.now();
    proxy.setDelay(1000);
    try {
      await Promise.all(Array.from({ length: 50 }, () => sts.send(new GetCallerIdentityCommand({}))));
    } finally {
      proxy.setDelay(0);
    }
    expect(proxy.requests.map(({ status }) => status)).toEqual(Array(50).fill(200));
    // Timers may fire a millisecond early.
    expect(Math.min(...proxy.requests.map(({ milliseconds }) => milliseconds))).toBeGreaterThanOrEqual(999);
    expect(Date.now() - started).toBeLessThan((50 * 1000) / 2);
  });
});

describe('a fault', () => {
  const nowhere = new DescribeStacksCommand({ StackName: 'nowhere' });

  test('has the name of the error of each service', async () => {
    proxy.fail({ with: 'throttling', times: Infinity });
    await expect(new CloudFormationClient(configuration(ci)).send(nowhere)).rejects.toMatchObject({
      name: 'Throttling',
    });
    const put = new PutObjectCommand({ Bucket: 'assets', Key: 'k', Body: 'text' });
    await expect(new S3Client(configuration(ci)).send(put)).rejects.toMatchObject({ name: 'SlowDown' });
    await expect(new SSMClient(configuration(ci)).send(new GetParameterCommand({ Name: '/a' }))).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    const head = new HeadObjectCommand({ Bucket: 'assets', Key: 'k' });
    await expect(new S3Client(configuration(ci)).send(head)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 503 },
    });
    expect(proxy.requests.map(({ fault }) => fault)).toEqual(Array(4).fill('throttling'));
  });

  test('that happens once is over for a client that tries again', async () => {
    const fault = proxy.fail({ match: { service: 'sts' }, with: 'service-unavailable' });
    const { Account } = await new STSClient(configuration(ci, 2)).send(new GetCallerIdentityCommand({}));
    expect(Account).toBe(ci);
    expect(fault.injected).toBe(1);
    expect(proxy.requests.map(({ status }) => status)).toEqual([503, 200]);
  });

  test('cuts the connection before the request is carried out', async () => {
    proxy.fail({ with: 'cut-before' });
    const ssm = new SSMClient(configuration(workload));
    await expect(ssm.send(new PutParameterCommand({ Name: '/cut', Value: 'v', Type: 'String' }))).rejects.toThrow(
      'socket hang up',
    );
    await expect(ssm.send(new GetParameterCommand({ Name: '/cut' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    expect(proxy.requests[0]).toMatchObject({ action: 'PutParameter', status: 0, fault: 'cut-before' });
  });

  test('loses the answer after the request was carried out', async () => {
    proxy.fail({ with: 'lost-answer' });
    const ssm = new SSMClient(configuration(workload));
    await expect(ssm.send(new PutParameterCommand({ Name: '/lost', Value: 'v', Type: 'String' }))).rejects.toThrow(
      'socket hang up',
    );
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/lost' }));
    expect(Parameter?.Value).toBe('v');
  });
});

describe('a registry, under its own name', () => {
  const host = `${workload}.dkr.ecr.${region}.amazonaws.com`;

  /** @returns the status */
  function get(url: string): Promise<number | undefined> {
    const throughDoor = new Agent({ ca: readFileSync(proxy.caFile), proxyEnv: { HTTPS_PROXY: proxy.registryProxy } });
    return new Promise((resolve, reject) => {
      request(url, { agent: throughDoor }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
        .on('error', reject)
        .on('close', () => throughDoor.destroy())
        .end();
    });
  }

  test('is asked through the door, and its requests are told and fail as all others', async () => {
    const fault = proxy.fail({ match: { service: 'ecr', action: 'ListImages' }, with: 'service-unavailable' });
    const url = `https://${host}/v2/images/tags/list`;
    expect([await get(url), await get(url)]).toEqual([503, 401]);
    expect(fault.injected).toBe(1);
    expect(proxy.requests.map(summary)).toEqual([
      { service: 'ecr', action: 'ListImages', account: workload, status: 503 },
      { service: 'ecr', action: 'ListImages', account: workload, status: 401 },
    ]);
  });

  test('is all that the door leads to', async () => {
    await expect(get('https://sts.amazonaws.com/')).rejects.toThrow('403');
    expect(proxy.requests).toEqual([]);
  });
});

test('an endpoint that is gone looks like one that does not answer', async () => {
  const gone = await startProxy({ endpoint: 'https://127.0.0.1:9', caFile: aws.caFile });
  try {
    const client = new STSClient({ ...configuration(ci), endpoint: gone.endpoint });
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toThrow('socket hang up');
    expect(gone.requests).toMatchObject([{ action: 'GetCallerIdentity', status: 0 }]);
  } finally {
    await gone.close();
  }
});
