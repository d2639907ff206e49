import * as cloudFormation from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetParameterCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { describePlaceholders } from './placeholders.ts';
import { type AccountBed, attribute, openAccountBed, outputsOf, workload } from './testing/account-bed.ts';
import { deploy, region } from './testing/clients.ts';

const AMPLIFY = { Type: 'AWS::Amplify::App', Properties: { Name: 'shop' } };
const WHY_AMPLIFY = 'the local AWS does not know AWS::Amplify::App';

describe('what the local AWS does not know', () => {
  let bed: AccountBed;
  beforeAll(async () => void (bed = await openAccountBed()));
  afterAll(() => bed?.close());

  async function reasons(StackName: string) {
    const command = new cloudFormation.DescribeStackEventsCommand({ StackName });
    const { StackEvents } = await bed.client.send(command);
    return StackEvents!.map((event) => [event.LogicalResourceId, event.ResourceStatus, event.ResourceStatusReason]);
  }

  test('a resource of an unknown type is a placeholder, and everything says so', async () => {
    const { stack } = await deploy(bed.client, 'placeholder', {
      Resources: {
        App: AMPLIFY,
        Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'App' } } },
      },
    });
    expect(stack).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      StackStatusReason: 'placeholder: nothing is behind AWS::Amplify::App',
    });
    expect(await reasons('placeholder')).toContainEqual(['App', 'CREATE_COMPLETE', `placeholder: ${WHY_AMPLIFY}`]);
    const listed = await bed.aws.placeholders();
    expect(listed).toEqual([
      expect.objectContaining({ stack: 'placeholder', logicalId: 'App', type: AMPLIFY.Type, why: WHY_AMPLIFY }),
    ]);
    expect(describePlaceholders(listed)).toContain(`  AWS::Amplify::App: ${WHY_AMPLIFY}`);

    await bed.client.send(new cloudFormation.DeleteStackCommand({ StackName: 'placeholder' }));
    const gone = { client: bed.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
    await cloudFormation.waitUntilStackDeleteComplete(gone, { StackName: 'placeholder' });
    expect(await bed.aws.placeholders()).toEqual([]);
  });

  test('references and attributes have the shape that AWS documents', async () => {
    const { stack } = await deploy(bed.client, 'shapes', {
      Resources: {
        App: AMPLIFY,
        Address: { Type: 'AWS::EC2::EIP' },
        Directory: { Type: 'AWS::DirectoryService::MicrosoftAD', Properties: { Name: 'corp.example.com' } },
        Redis: { Type: 'AWS::MemoryDB::Cluster', Properties: { ClusterName: 'orders', NodeType: 'db.t4g.small' } },
        Broker: { Type: 'AWS::AmazonMQ::Broker', Properties: { BrokerName: 'orders' } },
        Foreign: { Type: 'Vendor::Product::Thing' },
      },
      Outputs: {
        App: { Value: { Ref: 'App' } },
        AppName: attribute('App', 'AppName'),
        Address: { Value: { Ref: 'Address' } },
        Allocation: attribute('Address', 'AllocationId'),
        Dns: { Value: { 'Fn::Join': [',', { 'Fn::GetAtt': ['Directory', 'DnsIpAddresses'] }] } },
        Redis: { Value: { Ref: 'Redis' } },
        Host: attribute('Redis', 'ClusterEndpoint.Address'),
        Port: attribute('Redis', 'ClusterEndpoint.Port'),
        Status: attribute('Redis', 'Status'),
        RedisArn: attribute('Redis', 'ARN'),
        Broker: { Value: { 'Fn::Select': [0, { 'Fn::GetAtt': ['Broker', 'AmqpEndpoints'] }] } },
        Foreign: attribute('Foreign', 'ThingArn'),
      },
    });
    expect(outputsOf(stack)).toEqual({
      App: expect.stringMatching(/^arn:aws:amplify:eu-west-1:111111111111:apps\/[0-9a-f]+$/),
      AppName: expect.stringMatching(/^shapes-App-/),
      Address: expect.stringMatching(/^203\.0\.113\.\d+$/),
      Allocation: expect.stringMatching(/^eipalloc-[0-9a-f]{17}$/),
      Dns: expect.stringMatching(/^10\.0\.0\.\d+,10\.0\.0\.\d+,10\.0\.0\.\d+$/),
      Redis: 'orders',
      Host: expect.stringMatching(/\.eu-west-1\.memorydb\.amazonaws\.com$/),
      Port: '6379',
      Status: expect.any(String),
      RedisArn: expect.stringMatching(/^arn:aws:memorydb:eu-west-1:111111111111:cluster\/orders$/),
      Broker: expect.stringMatching(/^amqp\+ssl:\/\/[a-z0-9.-]+\.amazonaws\.com:5671$/),
      Foreign: expect.stringMatching(/^arn:aws:product:eu-west-1:111111111111:thing\//),
    });
  });

  test('an attribute that AWS does not have is refused as there, and the stack rolls back', async () => {
    const template = { Resources: { App: AMPLIFY }, Outputs: { Wrong: attribute('App', 'Colour') } };
    const { stack } = await deploy(bed.client, 'wrong', template);
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await reasons('wrong')).toContainEqual([
      'wrong',
      'CREATE_FAILED',
      'Requested attribute Colour does not exist in schema for AWS::Amplify::App',
    ]);
  });

  test('an update keeps its id, and one that replaces on AWS gives it another', async () => {
    const branch = (name: string, stage: string) => ({
      Resources: {
        App: AMPLIFY,
        Branch: {
          Type: 'AWS::Amplify::Branch',
          Properties: { AppId: { 'Fn::GetAtt': ['App', 'AppId'] }, BranchName: name, Stage: stage },
        },
      },
      Outputs: { Arn: { Value: { Ref: 'Branch' } } },
    });
    const first = await deploy(bed.client, 'branch', branch('main', 'BETA'));
    const second = await deploy(bed.client, 'branch', branch('main', 'PRODUCTION'), 'UPDATE');
    const third = await deploy(bed.client, 'branch', branch('other', 'PRODUCTION'), 'UPDATE');
    expect(third.stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(outputsOf(second.stack)['Arn']).toBe(outputsOf(first.stack)['Arn']);
    expect(outputsOf(third.stack)['Arn']).not.toBe(outputsOf(first.stack)['Arn']);
    const mine = (await bed.aws.placeholders()).filter(({ stack }) => stack === 'branch');
    expect(mine.map(({ logicalId }) => logicalId).sort()).toEqual(['App', 'Branch']);
  });

  test('an attribute that only the emulator lacks is made up, or has the value of its property', async () => {
    const { stack } = await deploy(bed.client, 'attributes', {
      Resources: { Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.7.0.0/16' } } },
      Outputs: { Block: attribute('Vpc', 'CidrBlock'), Encryption: attribute('Vpc', 'VpcEncryptionControl.State') },
    });
    expect(outputsOf(stack)).toEqual({ Block: '10.7.0.0/16', Encryption: 'ACTIVE' });
    expect(stack.StackStatusReason).toBe('placeholder: made up is AWS::EC2::VPC.VpcEncryptionControl.State');
  });

  test('what is wrong with a known resource still fails', async () => {
    const { stack } = await deploy(bed.client, 'refused', {
      Resources: {
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: { Role: `arn:aws:iam::${workload}:role/x`, Code: { S3Bucket: 'nowhere', S3Key: 'code.zip' } },
        },
      },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
  });

  test('drift detection, the list of resources and the template of a stack with placeholders answer', async () => {
    const StackName = 'branch';
    await bed.client.send(new cloudFormation.DetectStackDriftCommand({ StackName }));
    const { StackResourceSummaries } = await bed.client.send(
      new cloudFormation.ListStackResourcesCommand({ StackName }),
    );
    expect(StackResourceSummaries!.map(({ ResourceType }) => ResourceType).sort()).toEqual([
      'AWS::Amplify::App',
      'AWS::Amplify::Branch',
    ]);
  });

  test('public parameters have plausible values, which stay the same', async () => {
    const read = async (Name: string) => (await bed.ssm.send(new GetParameterCommand({ Name }))).Parameter!.Value!;
    const image = /^ami-[0-9a-f]{17}$/;
    const ecs = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended';
    for (const name of [
      '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64',
      '/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base',
      `${ecs}/image_id`,
      '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id',
      '/aws/service/bottlerocket/aws-ecs-2/x86_64/latest/image_id',
      '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id',
    ]) {
      expect(await read(name)).toMatch(image);
      expect(await read(name)).toBe(await read(name));
    }
    expect(JSON.parse(await read(ecs))).toMatchObject({ image_id: await read(`${ecs}/image_id`) });
    await expect(read('/aws/service/nothing-of-the-kind/x')).rejects.toThrow('not found');
    const regions = await bed.ssm.send(
      new GetParametersByPathCommand({ Path: '/aws/service/global-infrastructure/regions' }),
    );
    expect(regions.NextToken).toBeDefined();
    expect(regions.Parameters![0]!.Name).toBe('/aws/service/global-infrastructure/regions/af-south-1');

    const name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
    const { stack } = await deploy(bed.client, 'parameters', {
      Parameters: { Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: name } },
      Resources: {
        Copy: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: `{{resolve:ssm:${name}}}` } },
      },
      Outputs: { Image: { Value: { Ref: 'Image' } }, Same: attribute('Copy', 'Value') },
    });
    expect(outputsOf(stack)).toEqual({ Image: await read(name), Same: await read(name) });
  });

  test('the export of a nested stack can be imported', async () => {
    const value = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { 'Fn::ImportValue': 'deep' } } };
    const child = { Resources: { App: AMPLIFY }, Outputs: { Out: { Value: 'found', Export: { Name: 'deep' } } } };
    const bucket = 'nested-templates';
    const CreateBucketConfiguration = { LocationConstraint: region } as const;
    await bed.storage.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
    await bed.storage.send(new PutObjectCommand({ Bucket: bucket, Key: 'child', Body: JSON.stringify(child) }));
    const { stack } = await deploy(bed.client, 'parent', {
      Resources: {
        Child: {
          Type: 'AWS::CloudFormation::Stack',
          Properties: { TemplateURL: `https://${bucket}.s3.${region}.amazonaws.com/child` },
        },
        Reads: { ...value, DependsOn: 'Child' },
      },
      Outputs: { Read: attribute('Reads', 'Value') },
    });
    expect(outputsOf(stack)).toEqual({ Read: 'found' });
    expect(stack.StackStatusReason).toBe('placeholder: nothing is behind AWS::Amplify::App');
  });
});

test('with --strict, a template with an unknown type is refused, and there is no placeholder', async () => {
  const bed = await openAccountBed(true);
  try {
    await expect(deploy(bed.client, 'strict', { Resources: { App: AMPLIFY } })).rejects.toThrow(
      'Template format error: Unrecognized resource types: [AWS::Amplify::App]',
    );
    expect(await bed.aws.placeholders()).toEqual([]);
  } finally {
    await bed.close();
  }
});
