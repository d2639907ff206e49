import { templateBetween } from './template-between.ts';

const queue = { Type: 'AWS::SQS::Queue' };
const exported = (value: unknown) => ({ Value: value, Export: { Name: 'one' } });
const between = (wanted: object, deployed: object | string) => {
  const old = typeof deployed === 'string' ? deployed : JSON.stringify(deployed);
  const made = templateBetween(JSON.stringify(wanted), old, ['One']);
  return 'text' in made ? JSON.parse(made.text) : made.why;
};

describe('the template in between', () => {
  test('is the new one with the old output', () => {
    const Outputs = { One: exported({ Ref: 'Queue' }) };
    expect(between({ Resources: { Queue: queue, New: queue } }, { Resources: { Queue: queue }, Outputs })).toEqual({
      Resources: { Queue: queue, New: queue },
      Outputs,
    });
  });

  test('keeps what the output refers to, and what that refers to, if the new one has lost it', () => {
    const Old = {
      ...queue,
      Condition: 'IsProd',
      DependsOn: 'Other',
      Properties: { QueueName: { 'Fn::Sub': '${AWS::StackName}-${Name}-${!Literal}' } },
    };
    const deployed = {
      Parameters: { Name: { Type: 'String' }, Unused: { Type: 'String' } },
      Conditions: { IsProd: { 'Fn::Equals': [{ 'Fn::FindInMap': ['Stages', 'a', 'b'] }, 'x'] } },
      Mappings: { Stages: { a: { b: 'x' } } },
      Resources: { Old, Other: queue, Gone: queue },
      Outputs: { One: exported({ 'Fn::GetAtt': ['Old', 'Arn'] }), Two: exported('x') },
    };
    expect(between({ Resources: { New: queue } }, deployed)).toEqual({
      Parameters: { Name: { Type: 'String' } },
      Conditions: deployed.Conditions,
      Mappings: deployed.Mappings,
      Resources: { New: queue, Old, Other: queue },
      Outputs: { One: deployed.Outputs.One },
    });
  });

  test.each([
    ['the deployed template is no JSON', {}, 'Resources: {}'],
    [
      'the new template has another output One',
      { Outputs: { One: exported('x') } },
      { Outputs: { One: exported('y') } },
    ],
    [
      'Queue is AWS::SNS::Topic in the new template',
      { Resources: { Queue: { Type: 'AWS::SNS::Topic' } } },
      { Resources: { Queue: queue }, Outputs: { One: exported({ Ref: 'Queue' }) } },
    ],
    [
      'Queue imports something itself',
      {},
      {
        Resources: { Queue: { ...queue, Properties: { QueueName: { 'Fn::ImportValue': 'name' } } } },
        Outputs: { One: exported({ Ref: 'Queue' }) },
      },
    ],
  ])('is none if %s', (why, wanted, deployed) => {
    expect(between(wanted, deployed)).toBe(why);
  });
});
