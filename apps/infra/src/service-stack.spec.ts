import { Match, type Template } from 'aws-cdk-lib/assertions';
import { templatesOf, testStage } from './testing/test-app.ts';

interface Statement {
  Action: string | string[];
  Resource: unknown;
}

/** Every action that the role of a function is allowed, by the policies of the stack. */
function actionsOf(service: Template, role: string): string[] {
  const policies = Object.values(service.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
  return policies.flatMap(({ Action }) => Action).sort();
}

describe('the HTTP API', () => {
  const { service } = templatesOf(testStage());

  test.each(['POST /orders', 'GET /orders/{id}'])('%s is for callers that IAM allows', (route) => {
    service.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: route, AuthorizationType: 'AWS_IAM' });
  });

  test('has no other open route than the one that tells that it runs', () => {
    const open = Object.values(service.findResources('AWS::ApiGatewayV2::Route'))
      .filter(({ Properties }) => (Properties.AuthorizationType ?? 'NONE') === 'NONE')
      .map(({ Properties }) => Properties.RouteKey as string);
    expect(open).toEqual(['GET /']);
  });

  test('limits its callers and writes an access log that ends', () => {
    service.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AccessLogs'), 'Arn'] } },
    });
  });

  test('tells where it answers', () => {
    service.hasOutput('ApiUrl', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Http'), 'ApiEndpoint'] } });
  });
});

describe('permissions', () => {
  const { service } = templatesOf(testStage());
  const always = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

  test('the API may store and find one order, and announce it', () => {
    const announce = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
    expect(actionsOf(service, 'ApiRole')).toEqual(
      ['dynamodb:GetItem', 'dynamodb:PutItem', ...always, ...announce].sort(),
    );
  });

  test('the worker may take from the queue and change an order, and neither read nor create one', () => {
    const consume = [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ReceiveMessage',
    ];
    expect(actionsOf(service, 'WorkerRole')).toEqual(['dynamodb:UpdateItem', ...always, ...consume].sort());
  });

  test('nothing but tracing is allowed on every resource', () => {
    const statements = Object.values(service.findResources('AWS::IAM::Policy')).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement as Statement[],
    );
    const everywhere = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect(everywhere.length).toBeGreaterThan(0);
    expect(everywhere.filter((action) => !action.startsWith('xray:'))).toEqual([]);
  });

  test('no role has a policy that AWS manages', () => {
    service.resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: Match.anyValue() }, 0);
  });
});

describe('the worker', () => {
  const { data, service } = templatesOf(testStage());

  test('reports the messages that failed, not the whole batch', () => {
    service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('has six times its timeout before a message shows up again', () => {
    const [worker] = Object.values(
      service.findResources('AWS::Lambda::Function', {
        Properties: { Environment: { Variables: { QUEUE_URL: Match.absent() } } },
      }),
    );
    const [queue] = Object.values(
      data.findResources('AWS::SQS::Queue', { Properties: { RedrivePolicy: Match.anyValue() } }),
    );
    expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker?.Properties.Timeout);
  });
});

describe('what the service watches and keeps', () => {
  const { service } = templatesOf(testStage());

  test('every log group ends its lines after a month', () => {
    const groups = Object.values(service.findResources('AWS::Logs::LogGroup'));
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([30, 30, 30]);
  });

  test('every function writes to a log group of the stack', () => {
    service.allResourcesProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: Match.anyValue() } } });
  });

  test('every alarm tells the topic of the data stack', () => {
    service.resourceCountIs('AWS::CloudWatch::Alarm', 5);
    service.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ 'Fn::ImportValue': Match.stringLikeRegexp('AlarmsTopic') }],
    });
  });
});
