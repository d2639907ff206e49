import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AlarmTopic, type HandlerAsset, HandlerFunction, UnbuiltHandlerError } from './index.ts';
import { testStack } from './test-stack.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'handler-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A handler library, compiled unless told otherwise. */
function givenAsset(build: 'built' | 'empty' | 'missing' = 'built'): HandlerAsset<'TABLE_NAME'> {
  writeFileSync(join(folder, 'nx.json'), '{}');
  const code = join(folder, 'libs/handlers/greeter/dist');
  if (build !== 'missing') mkdirSync(code, { recursive: true });
  if (build === 'built') writeFileSync(join(code, 'index.js'), 'exports.handler = () => "hello";');
  return { project: 'greeter', code, handler: 'index.handler', environment: ['TABLE_NAME'] };
}

const environment = { TABLE_NAME: 'greetings' };

describe('a function with a compiled handler', () => {
  test('runs it, with its environment, traced', () => {
    const stack = testStack();

    new HandlerFunction(stack, 'Greeter', { asset: givenAsset(), environment });

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Environment: { Variables: environment },
      MemorySize: 256,
      Timeout: 10,
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('takes memory, timeout, retention and removal policy as told', () => {
    const stack = testStack();

    new HandlerFunction(stack, 'Greeter', {
      asset: givenAsset(),
      environment,
      memorySize: 1024,
      timeout: Duration.minutes(1),
      logRetention: RetentionDays.ONE_DAY,
      removalPolicy: RemovalPolicy.RETAIN,
    });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 1024, Timeout: 60 });
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', Properties: { RetentionInDays: 1 } });
  });

  test('may write to its own log group and to no other', () => {
    const stack = testStack();
    const greeter = new HandlerFunction(stack, 'Greeter', { asset: givenAsset(), environment });
    const template = Template.fromStack(stack);

    const logGroup = stack.getLogicalId(greeter.node.findChild('Logs').node.defaultChild as never);
    template.resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: Match.anyValue() }, 0);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
          }),
        ]),
      },
    });
  });

  test('tells its alarm action of errors and throttles', () => {
    const stack = testStack();
    const { action, topic } = new AlarmTopic(stack, 'Alarms');

    new HandlerFunction(stack, 'Greeter', { asset: givenAsset(), environment, alarmAction: action });

    for (const metric of ['Errors', 'Throttles']) {
      Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: metric,
        Threshold: 1,
        TreatMissingData: 'notBreaching',
        AlarmActions: [stack.resolve(topic.topicArn)],
      });
    }
  });
});

describe('a handler that nobody has compiled', () => {
  test.each(['missing', 'empty'] as const)('given a %s folder, the error says what to run', (build) => {
    const create = () => new HandlerFunction(testStack(), 'Greeter', { asset: givenAsset(build), environment });

    expect(create).toThrow(UnbuiltHandlerError);
    expect(create).toThrow(/^libs\/handlers\/greeter is not built: run "nx build greeter"\.$/);
  });
});
