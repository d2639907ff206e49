import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { createServer, connect, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import * as s3 from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { fetchDeployed, startInstance, type LocalAws } from './index.ts';
import { runningInstance } from './instance-state.ts';
import { localRequest } from './local-request.ts';

const ci = '123456789012';
const workload = '111111111111';
const stranger = '999999999999';
const region = 'eu-west-1';

describe('a local AWS of its own', () => {
  let folder: string;
  let directory: string;
  let aws: LocalAws;
  let agent: Agent;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    directory = join(folder, 'an instance');
    aws = await startInstance({ directory, managementAccount: ci, region, logRequests: true });
    agent = new Agent({ ca: await readFile(aws.caFile) });
  }, 180_000);

  afterAll(async () => {
    await aws?.stop();
    agent?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

  const config = (credentials: Credentials) => ({
    region,
    endpoint: aws.endpoint,
    credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpsAgent: agent }),
  });

  const whoAmI = (credentials: Credentials) =>
    new STSClient(config(credentials)).send(new GetCallerIdentityCommand({}));

  async function assume(roleArn: string, as: Credentials): Promise<Credentials> {
    const { Credentials: issued } = await new STSClient(config(as)).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'spec' }),
    );
    return {
      accessKeyId: issued!.AccessKeyId!,
      secretAccessKey: issued!.SecretAccessKey!,
      sessionToken: issued!.SessionToken!,
    };
  }

  const organizationRole = (account: string) => `arn:aws:iam::${account}:role/OrganizationAccountAccessRole`;

  /** Creates the stack by a change set, and returns what it became. */
  async function deploy(client: CloudFormationClient, stackName: string, template: object) {
    const change = await client.send(
      new cloudFormation.CreateChangeSetCommand({
        StackName: stackName,
        ChangeSetName: 'first',
        ChangeSetType: 'CREATE',
        Capabilities: ['CAPABILITY_IAM'],
        TemplateBody: JSON.stringify(template),
      }),
    );
    await client.send(new cloudFormation.ExecuteChangeSetCommand({ ChangeSetName: change.Id }));
    for (;;) {
      const { Stacks } = await client.send(new cloudFormation.DescribeStacksCommand({ StackName: stackName }));
      if (!Stacks![0]!.StackStatus!.endsWith('IN_PROGRESS')) return { stack: Stacks![0]!, changeSetId: change.Id };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  describe('who may reach it', () => {
    test('its certificate is verified: without its authority no client connects', async () => {
      const refused = new Promise((resolve, reject) => {
        request(`${aws.endpoint}/_ministack/health`, { ca: [], agent: false }, resolve).on('error', reject).end();
      });

      await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/CERT|SELF_SIGNED|ISSUER|VERIFY/) });
      expect((await localRequest(aws, '/_ministack/health')).status).toBe(200);
    });

    test('it listens on 127.0.0.1 and on no other address of the machine', async () => {
      const others = Object.values(networkInterfaces()).flatMap((addresses) =>
        addresses!
          .filter(({ family, address }) => family === 'IPv4' && address !== '127.0.0.1')
          .map(({ address }) => address),
      );
      const answers = (host: string) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host, port: aws.port, timeout: 2_000 });
          const end = (answered: boolean) => resolve((socket.destroy(), answered));
          socket
            .on('connect', () => end(true))
            .on('error', () => end(false))
            .on('timeout', () => end(false));
        });

      expect(await answers('127.0.0.1')).toBe(true);
      for (const address of ['127.0.0.2', ...others])
        expect([address, await answers(address)]).toEqual([address, false]);
    });

    test('a request that is not signed, or signed with a wrong secret, is refused', async () => {
      const unsigned = await localRequest(aws, '/?Action=DescribeStacks&Version=2010-05-15', {
        headers: { host: `cloudformation.${region}.amazonaws.com` },
      });

      expect(unsigned.status).toBe(403);
      await expect(whoAmI({ accessKeyId: ci, secretAccessKey: 'wrong' })).rejects.toMatchObject({
        name: 'SignatureDoesNotMatch',
      });
      await expect(whoAmI(aws.credentialsFor(ci))).resolves.toMatchObject({ Account: ci });
    });
  });

  describe('accounts', () => {
    test('the CI account may assume OrganizationAccountAccessRole of every account, also after a reset; a stranger may not', async () => {
      for (const round of ['fresh', 'after a reset']) {
        const session = await assume(organizationRole(workload), aws.credentialsFor(ci));

        expect([round, (await whoAmI(session)).Account]).toEqual([round, workload]);
        await expect(assume(organizationRole(workload), aws.credentialsFor(stranger))).rejects.toMatchObject({
          name: 'AccessDenied',
        });
        await aws.reset();
        await expect(whoAmI(session)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
      }
    });

    test('the management account has no such role itself', async () => {
      await expect(assume(organizationRole(ci), aws.credentialsFor(workload))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
      await expect(assume(organizationRole(ci), aws.credentialsFor(ci))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
    });
  });

  describe('where MiniStack differs from AWS', () => {
    let client: CloudFormationClient;
    let storage: s3.S3Client;

    beforeAll(async () => {
      await aws.reset();
      const session = await assume(organizationRole(workload), aws.credentialsFor(ci));
      client = new CloudFormationClient(config(session));
      storage = new s3.S3Client(config(session));
      await storage.send(
        new s3.CreateBucketCommand({ Bucket: 'templates', CreateBucketConfiguration: { LocationConstraint: region } }),
      );
    });

    const parameter = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'Secret' } } };
    const secret = { Secret: { Type: 'String', NoEcho: true, Default: 'hidden' } };

    test('a stack says which change set made it, and hides NoEcho values', async () => {
      const { stack, changeSetId } = await deploy(client, 'described', {
        Parameters: secret,
        Resources: { Parameter: parameter },
      });
      const change = await client.send(new cloudFormation.DescribeChangeSetCommand({ ChangeSetName: changeSetId }));

      expect(stack).toMatchObject({ StackStatus: 'CREATE_COMPLETE', ChangeSetId: changeSetId });
      expect(stack.Parameters).toEqual([{ ParameterKey: 'Secret', ParameterValue: '****' }]);
      expect(change.Parameters).toEqual([{ ParameterKey: 'Secret', ParameterValue: '****' }]);
    });

    test('a change of outputs alone is a change, and no change at all fails with the words of AWS', async () => {
      const template = { Parameters: secret, Resources: { Parameter: parameter } };
      await deploy(client, 'outputs', template);
      const update = async (name: string, body: object) => {
        const { Id } = await client.send(
          new cloudFormation.CreateChangeSetCommand({
            StackName: 'outputs',
            ChangeSetName: name,
            TemplateBody: JSON.stringify(body),
          }),
        );
        return client.send(new cloudFormation.DescribeChangeSetCommand({ ChangeSetName: Id }));
      };

      expect(await update('same', template)).toMatchObject({
        Status: 'FAILED',
        StatusReason: expect.stringContaining("didn't contain changes"),
      });
      expect(await update('output', { ...template, Outputs: { Out: { Value: 'x' } } })).toMatchObject({
        Status: 'CREATE_COMPLETE',
        ExecutionStatus: 'AVAILABLE',
      });
    });

    test('a template is read from where the CDK puts it, and its absence is told as S3 tells it', async () => {
      await storage.send(
        new s3.PutObjectCommand({
          Bucket: 'templates',
          Key: 'here.json',
          Body: JSON.stringify({ Resources: { Parameter: parameter }, Parameters: secret }),
        }),
      );
      const summary = (key: string) =>
        client.send(
          new cloudFormation.GetTemplateSummaryCommand({
            TemplateURL: `https://templates.s3.${region}.amazonaws.com/${key}`,
          }),
        );

      await expect(summary('here.json')).resolves.toMatchObject({ ResourceTypes: ['AWS::SSM::Parameter'] });
      await expect(summary('gone.json')).rejects.toMatchObject({
        name: 'ValidationError',
        message: expect.stringContaining('S3 error: The specified key does not exist.'),
      });
    });

    test('a bucket of another account than the expected one is refused', async () => {
      const put = (owner: string) =>
        storage.send(
          new s3.PutObjectCommand({ Bucket: 'templates', Key: 'owned', Body: 'x', ExpectedBucketOwner: owner }),
        );

      await expect(put(stranger)).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
      await expect(put(workload)).resolves.toMatchObject({ ETag: expect.any(String) });
    });

    test('a function whose code was never published fails its stack, and a stack that failed takes no change set', async () => {
      const { stack } = await deploy(client, 'unpublished', {
        Resources: {
          Function: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              Runtime: 'nodejs22.x',
              Handler: 'index.handler',
              Role: organizationRole(workload),
              Code: { S3Bucket: 'templates', S3Key: 'code.zip' },
            },
          },
        },
      });
      const { StackEvents } = await client.send(
        new cloudFormation.DescribeStackEventsCommand({ StackName: 'unpublished' }),
      );

      expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
      expect(
        StackEvents!.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')!.ResourceStatusReason,
      ).toContain('NoSuchKey');
      await expect(
        client.send(
          new cloudFormation.CreateChangeSetCommand({
            StackName: 'unpublished',
            ChangeSetName: 'again',
            TemplateBody: JSON.stringify({ Resources: { Parameter: parameter } }),
          }),
        ),
      ).rejects.toMatchObject({
        message: expect.stringContaining('is in ROLLBACK_COMPLETE state and can not be updated'),
      });
    });

    test('a pipeline deploys, a deployed API answers under its own name, and a role of a service is for that service', async () => {
      const source = `const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
        exports.handler = async (event) => ({ statusCode: 201, body: event.rawPath + ' ' + (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn });`;
      const trust = {
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      };
      const functionArn = { 'Fn::GetAtt': ['Function', 'Arn'] };
      const { stack } = await deploy(client, 'service', {
        Resources: {
          Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } },
          Function: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              Runtime: 'nodejs22.x',
              Handler: 'index.handler',
              Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
              Code: { ZipFile: source },
            },
          },
          Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
          Stage: {
            Type: 'AWS::ApiGatewayV2::Stage',
            Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
          },
          Integration: {
            Type: 'AWS::ApiGatewayV2::Integration',
            Properties: {
              ApiId: { Ref: 'Api' },
              IntegrationType: 'AWS_PROXY',
              PayloadFormatVersion: '2.0',
              IntegrationUri: functionArn,
            },
          },
          Route: {
            Type: 'AWS::ApiGatewayV2::Route',
            Properties: {
              ApiId: { Ref: 'Api' },
              RouteKey: 'POST /orders',
              Target: { 'Fn::Sub': 'integrations/${Integration}' },
            },
          },
          Permission: {
            Type: 'AWS::Lambda::Permission',
            Properties: {
              Action: 'lambda:InvokeFunction',
              FunctionName: functionArn,
              Principal: 'apigateway.amazonaws.com',
            },
          },
          Pipeline: {
            Type: 'AWS::CodePipeline::Pipeline',
            Properties: { Name: 'ship', RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] }, Stages: [] },
          },
        },
        Outputs: {
          Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } },
          Role: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } },
          Pipeline: { Value: { 'Fn::Join': [' ', [{ Ref: 'Pipeline' }, { 'Fn::GetAtt': ['Pipeline', 'Version'] }]] } },
        },
      });
      const outputs = Object.fromEntries(stack.Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue!]));
      const answer = await fetchDeployed(`${outputs['Url']}/orders`, { method: 'POST', body: '{}' }, aws);
      const nothing = await fetchDeployed(`${outputs['Url']}/elsewhere`, undefined, aws);

      expect(outputs['Url']).toMatch(/^https:\/\/[a-z0-9]+\.execute-api\.eu-west-1\.amazonaws\.com$/);
      expect(outputs['Pipeline']).toBe('ship 1');
      expect([answer.status, await answer.text()]).toEqual([
        201,
        expect.stringMatching(/^\/orders arn:aws:sts::111111111111:assumed-role\//),
      ]);
      expect(nothing.status).toBe(404);
      // Not even to the root user, of this account or another.
      for (const account of [workload, stranger])
        await expect(assume(outputs['Role']!, aws.credentialsFor(account))).rejects.toMatchObject({
          name: 'AccessDenied',
        });
    }, 30_000);
  });

  test('requests are counted', async () => {
    const linesBefore = (await readFile(aws.requestLog!, 'utf8')).split('\n').length;

    await whoAmI(aws.credentialsFor(stranger));

    const added = (await readFile(aws.requestLog!, 'utf8')).split('\n').slice(linesBefore - 1, -1);
    expect(added.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ service: 'sts', action: 'GetCallerIdentity', account: stranger, region, status: 200 }),
    ]);
  });

  describe('starting and stopping', () => {
    test('starts at the same time make one server; a stop leaves no process, and a restart keeps the certificate', async () => {
      const own = { directory: join(folder, 'restarted'), managementAccount: ci, region };
      const [first, second] = await Promise.all([startInstance(own), startInstance(own)]);
      const certificate = await readFile(first.caFile, 'utf8');
      const { pid } = (await runningInstance(own.directory))!;

      expect(second.port).toBe(first.port);
      await first.stop();
      // The whole process group: Lambda workers belong to it.
      expect(() => process.kill(-pid, 0)).toThrow('ESRCH');
      expect(await runningInstance(own.directory)).toBeUndefined();
      await second.stop();

      const again = await startInstance(own);
      expect(await readFile(again.caFile, 'utf8')).toBe(certificate);
      await again.stop();
    }, 60_000);

    test('a port that is taken is named, with what to do', async () => {
      const occupant = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => occupant.once('listening', resolve));
      const { port } = occupant.address() as AddressInfo;
      try {
        await expect(
          startInstance({ directory: join(folder, 'taken'), port, managementAccount: ci, region }),
        ).rejects.toMatchObject({
          code: 'PortInUse',
          message: expect.stringMatching(new RegExp(`Port ${port} .*--port=`)),
        });
      } finally {
        occupant.close();
      }
    });

    test('a server that ends at once is reported with the end of its log; one for all interfaces does', async () => {
      const before = process.env['BIND_HOST'];
      process.env['BIND_HOST'] = '0.0.0.0';
      try {
        await expect(
          startInstance({ directory: join(folder, 'open'), managementAccount: ci, region }),
        ).rejects.toMatchObject({
          code: 'StartFailed',
          message: expect.stringMatching(/exit code 1[\s\S]*log\.txt[\s\S]*BIND_HOST is 0\.0\.0\.0/),
        });
      } finally {
        if (before === undefined) delete process.env['BIND_HOST'];
        else process.env['BIND_HOST'] = before;
      }
    });
  });
});
