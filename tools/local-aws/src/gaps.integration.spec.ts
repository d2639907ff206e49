import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import * as s3 from '@aws-sdk/client-s3';
import { fetchDeployed, startInstance, type LocalAws } from './index.ts';
import { clientsOf, deploy, organizationRole, region } from './testing/clients.ts';

const ci = '123456789012';
const workload = '111111111111';
const stranger = '999999999999';

describe('where MiniStack differs from AWS', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;
  let client: cloudFormation.CloudFormationClient;
  let storage: s3.S3Client;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: ci, region });
    clients = clientsOf(aws);
    const session = await clients.assume(organizationRole(workload), aws.credentialsFor(ci));
    client = clients.cloudFormation(session);
    storage = clients.s3(session);
    await storage.send(
      new s3.CreateBucketCommand({ Bucket: 'templates', CreateBucketConfiguration: { LocationConstraint: region } }),
    );
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
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
    const nothing = await fetchDeployed(`${outputs['Url']}/elsewhere`, {}, aws);

    expect(outputs['Url']).toMatch(/^https:\/\/[a-z0-9]+\.execute-api\.eu-west-1\.amazonaws\.com$/);
    expect(outputs['Pipeline']).toBe('ship 1');
    expect([answer.status, await answer.text()]).toEqual([
      201,
      expect.stringMatching(/^\/orders arn:aws:sts::111111111111:assumed-role\//),
    ]);
    expect(nothing.status).toBe(404);
    // Not even to the root user, of this account or another.
    for (const account of [workload, stranger])
      await expect(clients.assume(outputs['Role']!, aws.credentialsFor(account))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
  });

  test('a bucket has the tags that its template gives it', async () => {
    const bucket = {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: 'tagged', Tags: [{ Key: 'keep', Value: 'no' }] },
    };
    await deploy(client, 'tags', { Resources: { Bucket: bucket } });

    const { TagSet } = await storage.send(new s3.GetBucketTaggingCommand({ Bucket: 'tagged' }));

    expect(TagSet).toContainEqual({ Key: 'keep', Value: 'no' });
  });

  test('CloudFormation works with a role only where the caller may pass it and it admits CloudFormation', async () => {
    const role = (service: string) => ({
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
        },
      },
    });
    const { stack } = await deploy(client, 'roles', {
      Resources: {
        Execution: role('cloudformation.amazonaws.com'),
        Foreign: role('lambda.amazonaws.com'),
        // May do everything in CloudFormation, and pass nothing.
        Caller: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {
              Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ci}:root` }, Action: 'sts:AssumeRole' }],
            },
            Policies: [
              {
                PolicyName: 'p',
                PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' }] },
              },
            ],
          },
        },
      },
      Outputs: Object.fromEntries(
        ['Execution', 'Foreign', 'Caller'].map((id) => [id, { Value: { 'Fn::GetAtt': [id, 'Arn'] } }]),
      ),
    });
    const arns = Object.fromEntries(stack.Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue!]));
    const poor = clients.cloudFormation(await clients.assume(arns['Caller']!, aws.credentialsFor(ci)));
    const create = (as: cloudFormation.CloudFormationClient, name: string, roleArn: string | undefined) =>
      as.send(
        new cloudFormation.CreateStackCommand({
          StackName: name,
          RoleARN: roleArn,
          Parameters: [],
          TemplateBody: JSON.stringify({ Parameters: secret, Resources: { Parameter: parameter } }),
        }),
      );
    const describe = async (name: string) =>
      (await client.send(new cloudFormation.DescribeStacksCommand({ StackName: name }))).Stacks![0]!;

    await expect(create(poor, 'poor', arns['Execution'])).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('iam:PassRole'),
    });
    await expect(create(client, 'foreign', arns['Foreign'])).rejects.toMatchObject({
      message: expect.stringContaining('is invalid or cannot be assumed'),
    });
    await create(client, 'rich', arns['Execution']);
    expect(await describe('rich')).toMatchObject({ RoleARN: arns['Execution'] });
    // A template that the caller may not read is not read for it.
    await expect(
      poor.send(
        new cloudFormation.GetTemplateSummaryCommand({
          TemplateURL: `https://templates.s3.${region}.amazonaws.com/here.json`,
        }),
      ),
    ).rejects.toMatchObject({ message: expect.stringContaining('S3 error: Access Denied') });
  });
});
