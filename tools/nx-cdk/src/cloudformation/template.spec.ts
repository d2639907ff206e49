import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sameTemplate, readTemplate } from './template.ts';

const folder = mkdtempSync(join(tmpdir(), 'deploy-template-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'Data.template.json');
  writeFileSync(path, content);
  return path;
}

describe('two templates', () => {
  test('are the same in another layout and with keys in another order', () => {
    expect(sameTemplate('{"a":1,"b":{"c":[1,2]}}', '{ "b": { "c": [1, 2] },\n "a": 1 }')).toBe(true);
  });

  test('are the same where CloudFormation lost characters beyond ASCII', () => {
    expect(sameTemplate('{"a":"Größe 🚀"}', '{"a":"Gr??e ?"}')).toBe(true);
    expect(sameTemplate('{"a":"Größe 🚀"}', '{"a":"Gr??e ??"}')).toBe(true);
  });

  test.each([
    ['a value differs', '{"a":1}', '{"a":2}'],
    ['the order of a list differs', '{"a":[1,2]}', '{"a":[2,1]}'],
    ['the deployed one is YAML', '{"a":1}', 'a: 1'],
    ['a key is written twice', '{"a":1,"b":"\\"c\\":1"}', '{"a":2,"a":1,"b":"\\"c\\":1"}'],
    ['a question mark stands for an ASCII letter', '{"a":"b"}', '{"a":"?"}'],
  ])('differ where %s', (_, ours, deployed) => {
    expect(sameTemplate(ours, deployed)).toBe(false);
  });
});

test('a template that two readers can read in two ways is refused', async () => {
  const twice = '{"Resources":{"Role":{"Type":"AWS::IAM::Role"}},"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}';

  await expect(readTemplate('Data', file(twice))).rejects.toMatchObject({
    code: 'BrokenAssembly',
    message: expect.stringMatching(/^Data: its template \S+ has a key twice in one object: /),
  });
});

describe('the summary of a template', () => {
  test('knows parameters and resources', async () => {
    const template = {
      Parameters: {
        Plain: { Type: 'Number', Default: 3 },
        Secret: { Type: 'String', NoEcho: 'true' },
        Image: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/image' },
        BootstrapVersion: {
          Type: 'AWS::SSM::Parameter::Value<String>',
          Default: '/v',
          Description: 'Version [cdk:skip]',
        },
      },
      Resources: { Table: { Type: 'AWS::DynamoDB::Table' } },
    };

    const summary = await readTemplate('Data', file(JSON.stringify(template)));

    expect(Object.fromEntries(summary.parameters)).toEqual({
      Plain: { default: '3', noEcho: false, fromSsm: false },
      Secret: { default: undefined, noEcho: true, fromSsm: false },
      Image: { default: '/image', noEcho: false, fromSsm: true },
      BootstrapVersion: { default: '/v', noEcho: false, fromSsm: false },
    });
    expect([...summary.resources]).toEqual([['Table', 'AWS::DynamoDB::Table']]);
  });

  test('knows what may have moved in SSM unnoticed', async () => {
    const marked = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/v', Description: 'Version [cdk:skip]' };
    const template = {
      Parameters: { BootstrapVersion: marked, Image: marked, Size: { ...marked, Description: '' } },
      Rules: { Check: { Assertions: [{ Assert: { 'Fn::Contains': [['1'], { Ref: 'BootstrapVersion' }] } }] } },
      Resources: {
        One: {
          Type: 'A',
          Properties: { Image: { Ref: 'Image' }, Size: { Ref: 'Size' }, A: '{{resolve:ssm:/shop/size}}' },
        },
        Two: { Type: 'A', Properties: { A: 'x{{resolve:ssm:/shop/size}}', B: '{{resolve:ssm:/shop/pinned:3}}' } },
      },
    };

    const { mayMove } = await readTemplate('Data', file(JSON.stringify(template, null, 1)));

    expect(mayMove).toEqual(['{{resolve:ssm:/shop/size}}', 'parameter Image']);
  });

  test('keeps the text as it was read', async () => {
    const [small, large] = ['{"Description":"Größe"}', JSON.stringify({ Description: 'Größe'.repeat(10_000) })];
    for (const text of [small, large]) {
      const summary = await readTemplate('Data', file(text));
      file('{}');
      expect(summary.text()).toBe(text);
    }
  });

  test('of a file that is missing or no JSON is refused with the next step', async () => {
    const refusal = {
      code: 'BrokenAssembly',
      message: expect.stringMatching(/^Data: its template .*: synthesize the app again\.$/),
    };
    await expect(readTemplate('Data', join(folder, 'none.json'))).rejects.toMatchObject(refusal);
    await expect(readTemplate('Data', file('Resources:'))).rejects.toMatchObject(refusal);
    writeFileSync(join(folder, 'latin.json'), Buffer.from('{"Description":"Größe"}', 'latin1'));
    await expect(readTemplate('Data', join(folder, 'latin.json'))).rejects.toMatchObject(refusal);
  });
});
