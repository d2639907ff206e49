import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { formatDifferences, fullDiff } from '@aws-cdk/cloudformation-diff';
import { registerSecret } from '../progress/index.ts';
import { DiffMask } from './diff-mask.ts';

/**
 * What a reviewer reads of the differences of two templates: the diff of CDK itself, laid out as `nx diff` does, and
 * masked.
 */
function review(before: object, after: object): string {
  const stream = new PassThrough();
  formatDifferences(stream, fullDiff(before, after));
  const text = stripVTControlCharacters(String(stream.read() ?? ''));
  const mask = new DiffMask();
  return ['~ prod/Data (1/eu-west-1) planned', ...text.split('\n').map((line) => `    ${line}`), '✔ diff done in 1.0 s']
    .map((line) => mask.line(line))
    .filter((line) => line !== undefined)
    .join('\n');
}

const resource = (type: string, properties: object) => ({ Resources: { It: { Type: type, Properties: properties } } });
const lambda = (variables: object) => resource('AWS::Lambda::Function', { Environment: { Variables: variables } });
const task = (variables: object[]) =>
  resource('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Name: 'app', Environment: variables }] });

describe('what is hidden, with its name still there', () => {
  test.each([
    [
      'a variable of a function, whatever it is called',
      lambda({ ENDPOINT: 'old-one' }),
      lambda({ ENDPOINT: 'new-one' }),
      '.ENDPOINT:',
    ],
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
      'a default of a NoEcho parameter',
      { Parameters: { Pin: { Type: 'String', NoEcho: true, Default: 'old-one' } } },
      { Parameters: { Pin: { Type: 'String', NoEcho: true, Default: 'new-one' } } },
      'Parameter Pin',
    ],
    [
      'a default of a parameter that appears',
      {},
      { Parameters: { Pin: { Type: 'String', NoEcho: true, Default: 'new-one' } } },
      'Parameter Pin',
    ],
    [
      'an output that is called a key',
      { Outputs: { ApiKey: { Value: 'old-one' } } },
      { Outputs: { ApiKey: { Value: 'new-one' } } },
      'Output ApiKey',
    ],
    [
      'the password in a URL',
      resource('AWS::SSM::Parameter', { Description: 'old' }),
      resource('AWS::SSM::Parameter', { Description: 'postgres://admin:new-one@db/shop' }),
      'postgres://',
    ],
  ])('%s', (_, before, after, name) => {
    const seen = review(before, after);
    expect(seen).toContain(name);
    expect(seen).not.toMatch(/old-one|new-one/);
  });

  test('a value that the assembly tells is secret, wherever else it appears', () => {
    const forget = registerSecret('correct horse battery');
    const script = (text: string) => resource('AWS::EC2::Instance', { UserData: `login ${text}` });
    const seen = review(script('nothing'), script('correct horse battery'));
    forget();
    expect(seen).toContain('login ****');
    expect(seen).not.toContain('correct horse');
  });
});

describe('what a reviewer still sees', () => {
  test('changes of other properties, also right after something hidden', () => {
    const before = { ...lambda({ A: 'x\ny' }).Resources.It.Properties, Timeout: 3 };
    const after = { ...lambda({ A: 'z\nw' }).Resources.It.Properties, Timeout: 30 };
    const seen = review(resource('AWS::Lambda::Function', before), resource('AWS::Lambda::Function', after));
    expect(seen).toMatch(/\[-\] 3$/m);
    expect(seen).toMatch(/\[\+\] 30$/m);
    expect(seen).toMatch(/^✔ diff done/m);
  });

  test('account ids, ARNs, the parameter of the bootstrap stack, and who is allowed what', () => {
    const role = (Resource: string) =>
      resource('AWS::IAM::Policy', {
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] },
      });
    const version = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' };
    const seen = review(role('arn:aws:s3:::a'), {
      ...role('arn:aws:s3:::b-111111111111'),
      Parameters: { BootstrapVersion: version },
    });
    expect(seen).toContain('arn:aws:s3:::b-111111111111');
    expect(seen).toContain('/cdk-bootstrap/hnb659fds/version');
    expect(seen).toContain('s3:GetObject');
  });
});
