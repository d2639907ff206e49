import * as cloudFormation from '@aws-sdk/client-cloudformation';
import { type AccountBed, attribute, openAccountBed, outputsOf } from './testing/account-bed.ts';
import { deploy } from './testing/clients.ts';

describe('a custom resource ends, with a reason', () => {
  let bed: AccountBed;
  beforeAll(async () => void (bed = await openAccountBed()));
  afterAll(() => bed?.close());

  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const asking = (code: string, properties: object = {}) => ({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          Policies: [{ PolicyName: 'everything', PolicyDocument: everything }],
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'asked',
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Timeout: 60,
          Code: { ZipFile: code },
        },
      },
      Asked: {
        Type: 'Custom::Asked',
        Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ...properties },
      },
    },
  });

  async function failure(StackName: string) {
    const { StackEvents } = await bed.client.send(new cloudFormation.DescribeStackEventsCommand({ StackName }));
    const failed = StackEvents!.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
    return failed?.ResourceStatusReason;
  }

  test('a function that ends with an error is not waited for, and its log is told', async () => {
    const code = 'exports.handler = async () => { console.log("looking for the shop"); throw new Error("closed"); };';
    const { stack } = await deploy(bed.client, 'throws', asking(code));
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await failure('throws')).toMatch(/^The function asked ended without an answer: .*closed/);
    expect(await failure('throws')).toContain('looking for the shop');
  });

  test('one whose function called what the local AWS does not have is a placeholder', async () => {
    const code = `
      const { CodeBuildClient, ListFleetsCommand } = require('@aws-sdk/client-codebuild');
      exports.handler = () => new CodeBuildClient({}).send(new ListFleetsCommand({}));`;
    const template = { ...asking(code), Outputs: { Arn: attribute('Asked', 'FleetArn') } };
    const { stack } = await deploy(bed.client, 'calls', template);
    expect(stack).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      StackStatusReason: 'placeholder: nothing is behind Custom::Asked',
    });
    expect(outputsOf(stack)['Arn']).toMatch(/^arn:aws:/);
    expect(await bed.aws.placeholders()).toEqual([
      expect.objectContaining({
        type: 'Custom::Asked',
        why: expect.stringMatching(/^its function called what the local AWS does not have: codebuild ListFleets; /),
      }),
    ]);
  });

  test('a function that hangs is waited for as long as ServiceTimeout says', async () => {
    const code = 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 50_000));';
    const { stack } = await deploy(bed.client, 'hangs', asking(code, { ServiceTimeout: '1' }));
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await failure('hangs')).toBe(
      'The function asked did not answer for the custom resource Asked within 1 s. It logged nothing.',
    );
  });
});
