import { differenceOf } from './template.ts';

const CODE = { S3Bucket: 'assets', S3Key: 'aaa.zip' };
const API = { Type: 'AWS::Lambda::Function', Properties: { Code: CODE, Handler: 'index.handler' } };
const FLOW = { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString: '{}', RoleArn: 'role' } };
const QUEUE = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } };
const BEFORE = { Api: API, Flow: FLOW, Queue: QUEUE };

const template = (Resources: object, rest: object = {}) => JSON.stringify({ ...rest, Resources });
const withCode = (code: object) => ({ ...API, Properties: { ...API.Properties, Code: code } });
const difference = (after: object, rest: object = {}) => differenceOf(template(BEFORE), template(after, rest));

const Api = withCode({ ...CODE, S3Key: 'bbb.zip' });

describe('how a template differs from the one that is deployed', () => {
  test('not at all', () => {
    expect(difference(BEFORE)).toEqual({ kind: 'none' });
  });

  test('in what can be swapped: code and definitions', () => {
    const Flow = { ...FLOW, Properties: { ...FLOW.Properties, DefinitionString: '{"StartAt":"x"}' } };
    expect(difference({ ...BEFORE, Api, Flow })).toEqual({ kind: 'swappable', changed: ['Api', 'Flow'] });
  });

  test('in metadata, which changes nothing', () => {
    const described = { ...API, Metadata: { 'aws:asset:path': 'asset.bbb' } };
    expect(difference({ ...BEFORE, Api: described })).toEqual({ kind: 'swappable', changed: [] });
  });

  const Version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Api' } } };
  test.each<[string, object]>([
    ['a property besides the code', { ...BEFORE, Api: { ...API, Properties: { Code: CODE, Handler: 'other' } } }],
    ['the role of a state machine', { ...BEFORE, Flow: { ...FLOW, Properties: { ...FLOW.Properties, RoleArn: 'x' } } }],
    ['another kind of resource', { ...BEFORE, Queue: { ...QUEUE, Properties: { VisibilityTimeout: 60 } } }],
    ['code, and another kind of resource', { ...BEFORE, Api, Queue: { ...QUEUE, Properties: {} } }],
    ['a resource more', { ...BEFORE, More: QUEUE }],
    ['a resource less', { Api: API, Flow: FLOW }],
    ['the code of a function with a version', { ...BEFORE, Api, Version }],
    ['an attribute of a resource', { ...BEFORE, Api: { ...Api, DependsOn: ['Queue'] } }],
  ])('in what only CloudFormation may change: %s', (_, after) => {
    expect(difference(after)).toEqual({ kind: 'deployment' });
  });

  test('in an output, which only CloudFormation may change', () => {
    expect(difference(BEFORE, { Outputs: { Url: { Value: 'x' } } })).toEqual({ kind: 'deployment' });
  });

  test('in the code of a function whose version was there before', () => {
    const before = template({ Api: API, Version });
    expect(differenceOf(before, template({ Api, Version }))).toEqual({ kind: 'deployment' });
  });
});

describe('new code of a function with a version', () => {
  const [ONE, TWO] = [`ApiCurrentVersionABCDEF12${'1'.repeat(32)}`, `ApiCurrentVersionABCDEF12${'2'.repeat(32)}`];
  const FunctionName = { Ref: 'Api' };
  const version = (rest = {}) => ({ Type: 'AWS::Lambda::Version', Properties: { FunctionName, ...rest } });
  const alias = (id: string, rest = {}, own = {}) => ({
    Type: 'AWS::Lambda::Alias',
    Properties: { FunctionName, Name: 'live', FunctionVersion: { 'Fn::GetAtt': [id, 'Version'] }, ...rest },
    ...own,
  });
  const before = { Api: API, [ONE]: version(), Live: alias(ONE) };
  const after = { Api, [TWO]: version(), Live: alias(TWO) };
  const between = (one: object, other: object) => differenceOf(template(one), template(other));

  test('can be swapped, though the version and the alias are others in the template', () => {
    expect(between(before, after)).toEqual({ kind: 'swappable', changed: ['Api'] });
  });

  test('can be swapped if nothing uses the version', () => {
    expect(between({ Api: API, [ONE]: version() }, { Api, [TWO]: version() })).toEqual({
      kind: 'swappable',
      changed: ['Api'],
    });
  });

  const both = (change: (id: string) => object): [object, object] => [
    { ...before, ...change(ONE) },
    { ...after, ...change(TWO) },
  ];
  const inBoth = (Properties: object): [object, object] => [
    { ...before, Api: { ...API, Properties: { ...API.Properties, ...Properties } } },
    { ...after, Api: { ...Api, Properties: { ...Api.Properties, ...Properties } } },
  ];
  const Scaling = { Type: 'AWS::ApplicationAutoScaling::ScalableTarget', Properties: { ServiceNamespace: 'lambda' } };
  test.each<[string, [object, object]]>([
    ['another version, without new code', [before, { ...after, Api: API }]],
    [
      'a version that is made by hand and stays',
      [
        { Api: API, V: version() },
        { Api, V: version() },
      ],
    ],
    ['the same version, with new code', [before, { ...before, Api }]],
    ['two versions', both(() => ({ Old: version() }))],
    ['another description of the version', [before, { ...after, [TWO]: version({ Description: 'x' }) }]],
    ['SnapStart', inBoth({ SnapStart: { ApplyOn: 'PublishedVersions' } })],
    ['durable executions', inBoth({ DurableConfig: {} })],
    ['provisioned concurrency of the version', both((id) => ({ [id]: version({ ProvisionedConcurrencyConfig: {} }) }))],
    ['provisioned concurrency of the alias', both((id) => ({ Live: alias(id, { ProvisionedConcurrencyConfig: {} }) }))],
    ['concurrency that scales', both(() => ({ Scaling }))],
    ['an alias with weights', both((id) => ({ Live: alias(id, { RoutingConfig: {} }) }))],
    ['a gradual deployment', both((id) => ({ Live: alias(id, {}, { UpdatePolicy: {} }) }))],
    ['something else that uses the version', both((id) => ({ Queue: { ...QUEUE, Properties: { X: { Ref: id } } } }))],
    ['something that waits for the version', both((id) => ({ Queue: { ...QUEUE, DependsOn: [id] } }))],
  ])('is left to CloudFormation with %s', (_, [one, other]) => {
    expect(between(one, other)).toEqual({ kind: 'deployment' });
  });

  test('is left to CloudFormation with an output that names the version', () => {
    const withOutput = (resources: object, id: string) =>
      template(resources, { Outputs: { V: { Value: { Ref: id } } } });
    expect(differenceOf(withOutput(before, ONE), withOutput(after, TWO))).toEqual({ kind: 'deployment' });
  });
});
