import { fullDiff } from '@aws-cdk/cloudformation-diff';
import { registerSecret } from '../progress/index.ts';
import { maskedDiff } from './masked-diff.ts';

/** What a reviewer reads of the differences of two templates. */
const review = (before: object, after: object) => maskedDiff({ 'prod-Data': fullDiff(before, after) });

const resource = (type: string, properties: object) => ({ Resources: { It: { Type: type, Properties: properties } } });
const lambda = (variables: object) => resource('AWS::Lambda::Function', { Environment: { Variables: variables } });
const task = (variables: object[]) =>
  resource('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Name: 'app', Environment: variables }] });
const pin = (text: string) => ({ Parameters: { Pin: { Type: 'String', NoEcho: true, Default: text } } });

test('names hide nothing of what stands between them, whatever a terminal would make of them', () => {
  const topic = { Type: 'AWS::SNS::Topic' };
  const text = review(
    { Resources: {} },
    { Resources: { 'A\u001b]!': topic, Admin: { Type: 'AWS::IAM::User' }, 'Z\u0007': topic } },
  );
  expect(text).toContain('[+] AWS::IAM::User Admin');
  expect(text).not.toMatch(/[\u0007\u001b]/);
});

describe('what is hidden, with its name still there', () => {
  test.each([
    ['a variable of a function', lambda({ ENDPOINT: 'old-one' }), lambda({ ENDPOINT: 'new-one' }), '.ENDPOINT:'],
    ['a variable of several lines', lambda({ PEM: 'a\nold-one\nb' }), lambda({ PEM: 'a\nnew-one\nb' }), '.PEM:'],
    ['a variable that appears', lambda({}), lambda({ TOKEN: 'new-one' }), '.TOKEN'],
    [
      'a variable of a container',
      task([{ Name: 'DATABASE', Value: 'old-one' }]),
      task([{ Name: 'DATABASE', Value: 'new-one' }]),
      '"DATABASE"',
    ],
    [
      'a password of a resource',
      resource('AWS::RDS::DBInstance', { MasterUserPassword: 'old-one' }),
      resource('AWS::RDS::DBInstance', { MasterUserPassword: 'new-one' }),
      'MasterUserPassword',
    ],
    [
      'a tag',
      resource('AWS::S3::Bucket', { Tags: [{ Key: 'owner', Value: 'old-one' }] }),
      resource('AWS::S3::Bucket', { Tags: [{ Key: 'owner', Value: 'new-one' }] }),
      '"owner"',
    ],
    ['a default of a NoEcho parameter', pin('old-one'), pin('new-one'), 'Parameter Pin'],
    ['a default of a parameter that appears', {}, pin('new-one'), 'Parameter Pin'],
    [
      'an output that is called a key',
      { Outputs: { ApiKey: { Value: 'old-one' } } },
      { Outputs: { ApiKey: { Value: 'new-one' } } },
      'Output ApiKey',
    ],
    [
      'the password in a URL',
      resource('AWS::SSM::Parameter', { Description: 'old' }),
      resource('AWS::SSM::Parameter', { Description: 'the one at postgres://admin:new-one@db/shop' }),
      'postgres://',
    ],
    [
      'a script, a document, and anything else that is not a single word',
      resource('AWS::EC2::Instance', { UserData: 'login old-one' }),
      resource('AWS::EC2::Instance', { UserData: 'login new-one' }),
      'UserData',
    ],
    [
      'an output',
      { Outputs: { Anything: { Value: 'old-one' } } },
      { Outputs: { Anything: { Value: 'new-one' } } },
      'Output Anything',
    ],
    [
      'what looks like a generated key',
      resource('AWS::Some::Thing', { Plain: 'none' }),
      resource('AWS::Some::Thing', { Plain: 'new-one-3f0a91b2-77aa-4c1d-9e02-aa01bb02cc03' }),
      'Plain',
    ],
    [
      'what CDK does not know either',
      { Hooks: { Own: { Code: 'old-one' } } },
      { Hooks: { Own: { Code: 'new-one' } } },
      'Hooks',
    ],
    [
      'a loop',
      {},
      { Resources: { 'Fn::ForEach::All': [['a'], { 'X${a}': lambda({ A: 'new-one' }).Resources.It }] } },
      'All',
    ],
  ])('%s', (_, before, after, name) => {
    const seen = review(before, after);

    expect(seen).toContain(name);
    expect(seen).not.toMatch(/old-one|new-one/);
  });

  test.each<[string, string, (text: string) => object]>([
    ['user data of a single word', 'AWS::EC2::Instance', (text: string) => ({ UserData: { 'Fn::Base64': text } })],
    [
      'user data of a template',
      'AWS::EC2::LaunchTemplate',
      (UserData: string) => ({ LaunchTemplateData: { UserData } }),
    ],
    [
      'user data that is joined',
      'AWS::EC2::Instance',
      (UserData: string) => ({ UserData: { 'Fn::Join': ['', ['x', UserData]] } }),
    ],
    ['the value of an SSM parameter', 'AWS::SSM::Parameter', (Value: string) => ({ Name: '/a', Value })],
    ['the value of an API key', 'AWS::ApiGateway::ApiKey', (Value: string) => ({ Value })],
    ['a build specification', 'AWS::CodeBuild::Project', (BuildSpec: string) => ({ Source: { BuildSpec } })],
    [
      'the address of a webhook',
      'AWS::SNS::Subscription',
      (path: string) => ({ Endpoint: `https://hooks.example.com/${path}` }),
    ],
    ['the key in an address', 'AWS::Some::Thing', (key: string) => ({ Target: `https://${key}@errors.example.com` })],
    ['the query of an address', 'AWS::Some::Thing', (key: string) => ({ Target: `https://s3.amazonaws.com?x=${key}` })],
    ['a connection string', 'AWS::Some::Thing', (text: string) => ({ Target: `Server=db;Password=${text}` })],
    [
      'an argument of a container',
      'AWS::ECS::TaskDefinition',
      (Command: string) => ({ ContainerDefinitions: [{ Command: ['-p', Command] }] }),
    ],
    ['an argument of a job', 'AWS::Glue::Job', (text: string) => ({ DefaultArguments: { '--db': text } })],
    ['a parameter of a nested stack', 'AWS::CloudFormation::Stack', (Pin: string) => ({ Parameters: { Pin } })],
    [
      'a variable of an app runner',
      'AWS::AppRunner::Service',
      (A: string) => ({ RuntimeEnvironmentVariables: [{ Name: 'A', Value: A }] }),
    ],
    [
      'an option of an environment',
      'AWS::ElasticBeanstalk::Environment',
      (Value: string) => ({ OptionSettings: [{ OptionName: 'A', Value }] }),
    ],
    [
      'a header of an origin',
      'AWS::CloudFront::Distribution',
      (HeaderValue: string) => ({ Headers: [{ HeaderName: 'X', HeaderValue }] }),
    ],
    [
      'a header that a rule asks for',
      'AWS::ElasticLoadBalancingV2::ListenerRule',
      (text: string) => ({ Conditions: [{ HttpHeaderConfig: { Values: [text] } }] }),
    ],
    ['a key that is shared', 'AWS::EC2::VPNConnection', (PreSharedKey: string) => ({ Tunnels: [{ PreSharedKey }] })],
    ['a state machine', 'AWS::StepFunctions::StateMachine', (text: string) => ({ Definition: { Result: text } })],
  ])('%s', (_, type, properties) => {
    const seen = review(resource(type, properties('old-one')), resource(type, properties('new-one')));

    expect(seen).toContain(type);
    expect(seen).not.toMatch(/old-one|new-one/);
  });

  test('a value that is known to be secret, wherever else it appears', () => {
    const forget = registerSecret('correct-horse-battery');
    const bucket = (text: string) => resource('AWS::S3::Bucket', { BucketName: text, Description: `not ${text}` });
    const seen = review(bucket('nothing'), bucket('of-correct-horse-battery'));
    forget();

    expect(seen).toContain('of-****');
    expect(seen).toContain('not of-****');
    expect(seen).not.toContain('horse');
  });

  test('the default of a NoEcho parameter, where another property repeats it', () => {
    const both = (text: string) => ({ ...pin(text), ...resource('AWS::S3::Bucket', { BucketName: `b-${text}` }) });
    const seen = review(both('old-one'), both('new-one'));

    expect(seen).toContain('b-****');
    expect(seen).not.toMatch(/old-one|new-one/);
  });

  test('is told apart from what it was, and from nothing else', () => {
    const seen = review(lambda({ A: 'x', B: 'same' }), lambda({ A: 'y', B: 'same' }));

    expect(seen).toMatch(/\[-\] \*{4}$/m);
    expect(seen).toMatch(/\[\+\] \*{4} \(\d\)$/m);
    expect(seen).not.toContain('.B');
  });
});

describe('what a reviewer still sees', () => {
  test('changes of other properties, also right after something hidden, and what they do to the resource', () => {
    const before = { ...lambda({ A: 'x\ny' }).Resources.It.Properties, FunctionName: 'old', Timeout: 3 };
    const after = { ...lambda({ A: 'z\nw' }).Resources.It.Properties, FunctionName: 'new', Timeout: 30 };
    const seen = review(resource('AWS::Lambda::Function', before), resource('AWS::Lambda::Function', after));

    expect(seen).toMatch(/^\[~\] AWS::Lambda::Function It replace$/m);
    expect(seen).toMatch(/FunctionName \(requires replacement\)/);
    expect(seen).toMatch(/\[-\] 3$/m);
    expect(seen).toMatch(/\[\+\] 30$/m);
  });

  test('account ids, ARNs, hashes, the parameter of the bootstrap stack, and who is allowed what', () => {
    const role = (Resource: string) =>
      resource('AWS::IAM::Policy', {
        Roles: ['reader'],
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] },
      });
    const version = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' };
    const code = (S3Key: string) => ({
      Code: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Key } } },
    });
    const before = role('arn:aws:s3:::a');
    const after = role('arn:aws:s3:::b-111111111111');
    const seen = review(
      { Resources: { ...before.Resources, ...code(`${'a1'.repeat(32)}.zip`) } },
      {
        Resources: { ...after.Resources, ...code(`${'b2'.repeat(32)}.zip`) },
        Parameters: { BootstrapVersion: version },
      },
    );

    expect(seen).toContain('arn:aws:s3:::b-111111111111');
    expect(seen).toContain('/cdk-bootstrap/hnb659fds/version');
    expect(seen).toContain('s3:GetObject');
    expect(seen).toContain('IAM Statement Changes');
    expect(seen).toContain(`${'b2'.repeat(32)}.zip`);
  });

  test('what a variable refers to: that is no secret of its own', () => {
    const seen = review(lambda({ TABLE: { Ref: 'Old' } }), lambda({ TABLE: { Ref: 'New' } }));

    expect(seen).toMatch(/\[\+\] New$/m);
  });

  test.each([
    ['an address of AWS', 'https://s3.eu-west-1.amazonaws.com/bucket/template.json'],
    ['the host of another one', 'https://api.example.com'],
    ['what a property refers to', { 'Fn::GetAtt': ['It', 'Arn'] }],
  ])('%s', (_, target) => {
    const seen = review(
      resource('AWS::Some::Thing', { Target: 'none' }),
      resource('AWS::Some::Thing', { Target: target }),
    );

    expect(seen).toContain(typeof target === 'string' ? target : '"Arn"');
  });

  test('paths of constructs', () => {
    const queue = { Type: 'AWS::SQS::Queue', Metadata: { 'aws:cdk:path': 'prod/Data/Jobs/Resource' } };

    expect(review({}, { Resources: { Jobs1234: queue } })).toContain('Data/Jobs Jobs1234');
  });
});
