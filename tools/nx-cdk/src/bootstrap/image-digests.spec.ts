import { BootstrapTemplate } from '@aws-cdk/toolkit-lib';
import { parse } from 'yaml';
import { withImageDigests } from './image-digests.ts';
import { readInstalledTemplate } from './template.ts';

const SOURCE = readInstalledTemplate()!.text;
const STATEMENT = {
  Sid: 'ReadImageDigests',
  Effect: 'Allow',
  Action: 'ecr:DescribeImages',
  Resource: { 'Fn::Sub': '${ContainerAssetsRepository.Arn}' },
};

/** The template of the installed toolkit, as it is published and in the forms in which its tools deploy and show it. */
const forms: [string, () => Promise<string>][] = [
  ['in its source', async () => SOURCE],
  ['with the line ends of another system', async () => SOURCE.replaceAll('\n', '\r\n')],
  ['as the CDK deploys it', async () => (await BootstrapTemplate.fromSource()).asYAML()],
  ['as the CDK shows it in JSON', async () => (await BootstrapTemplate.fromSource()).asJSON()],
  ['in JSON on one line', async () => JSON.stringify(parse(SOURCE))],
];

function inserted(template: string): string {
  const result = withImageDigests(template);
  if ('missing' in result) throw new Error(`missing: ${result.missing}`);
  return result.text;
}

describe.each(forms)('the bootstrap template of the toolkit, %s', (_, read) => {
  test('gets one statement and one output, and nothing else of it changes', async () => {
    // given
    const template = await read();

    // when
    const after = parse(inserted(template));

    // then
    const [statement, ...statements] =
      after.Resources.DeploymentActionRole.Properties.Policies[0].PolicyDocument.Statement;
    const { DeployRoleReadsImages: output, ...outputs } = after.Outputs;
    expect(statement).toEqual(STATEMENT);
    expect(output).toEqual({ Description: expect.stringMatching(/\w/), Value: 'true' });
    after.Resources.DeploymentActionRole.Properties.Policies[0].PolicyDocument.Statement = statements;
    after.Outputs = outputs;
    expect(after).toEqual(parse(template));
  });

  test('that has them stays as it is', async () => {
    const once = inserted(await read());
    expect(inserted(once)).toBe(once);
  });
});

describe('a template', () => {
  test('keeps every line that it had', async () => {
    const template = (await BootstrapTemplate.fromSource()).asYAML();
    const before = template.split('\n');
    const added = inserted(template).split('\n');
    for (const line of before) expect(added.splice(added.indexOf(line), 1)).toEqual([line]);
    expect(added).toHaveLength(8);
  });

  test('with the output but without the statement gets the statement', () => {
    const template = inserted(SOURCE).replace(/ +- Sid: ReadImageDigests\n(?: {16}.*\n){4}/, '');
    expect(template).not.toContain('ReadImageDigests');
    expect(inserted(template)).toBe(inserted(SOURCE));
  });

  test('whose policy has an id first, or comments, gets them too', () => {
    const others: [string, string][] = [
      [
        '- PolicyDocument:\n            Statement:\n              - Sid: DeployP',
        '- PolicyDocument:\n            Id: first\n            Statement:\n              - Sid: DeployP',
      ],
      [
        '- PolicyDocument:\n            Statement:\n              - Sid: DeployP',
        '- PolicyDocument:\n            Statement: # all of them\n              # the first\n              - Sid: DeployP',
      ],
    ];
    for (const [part, other] of others) {
      const template = SOURCE.replace(part, other);
      expect(template).not.toBe(SOURCE);
      const role = /^ {2}DeploymentActionRole:[\s\S]*?^ {2}\w/m.exec(inserted(template))![0];
      expect(role).toContain('- Sid: ReadImageDigests\n                Effect: Allow\n');
    }
  });

  test('whose statements are written on one line gets them too', () => {
    const template = 'PolicyDocument: { Statement: [{ Sid: One }] }';
    const policy = `      Policies:\n        - ${template}\n`;
    const before = SOURCE.replace(/(?<=^ {2}DeploymentActionRole:[\s\S]*?)^ {6}Policies:\n( {8}.*\n)+/m, policy);
    const { DeploymentActionRole: role } = parse(inserted(before)).Resources;
    expect(role.Properties.Policies).toEqual([{ PolicyDocument: { Statement: [STATEMENT, { Sid: 'One' }] } }]);
  });

  const json = JSON.parse(JSON.stringify(parse(SOURCE)));
  test.each<[string, string, string]>([
    [
      'without the repository',
      SOURCE.replace('  ContainerAssetsRepository:', '  Images:'),
      'resource ContainerAssetsRepository',
    ],
    [
      'whose repository is conditional',
      SOURCE.replace('  ContainerAssetsRepository:', '  ContainerAssetsRepository:\n    Condition: HasImages'),
      'resource ContainerAssetsRepository',
    ],
    [
      'whose deploy role has another name',
      SOURCE.replace('  DeploymentActionRole:', '  DeployRole:'),
      'resource DeploymentActionRole',
    ],
    [
      'whose deploy role has another shape',
      SOURCE.replaceAll('      Policies:', '      ManagedPolicies:'),
      'policy of DeploymentActionRole',
    ],
    [
      'without the output of its version',
      SOURCE.replaceAll('  BootstrapVersion:', '  Version:'),
      'output BootstrapVersion',
    ],
    ['without outputs', SOURCE.replace('Outputs:', 'Metadata:'), 'output BootstrapVersion'],
    ['that is empty', '', 'resource ContainerAssetsRepository'],
    [
      'in JSON, without the repository',
      JSON.stringify({ ...json, Resources: {} }),
      'resource ContainerAssetsRepository',
    ],
    [
      'in JSON, without the deploy role',
      JSON.stringify({ ...json, Resources: { ...json.Resources, DeploymentActionRole: undefined } }),
      'resource DeploymentActionRole',
    ],
    [
      'in JSON, whose deploy role has no policy',
      JSON.stringify({ ...json, Resources: { ...json.Resources, DeploymentActionRole: { Type: 'AWS::IAM::Role' } } }),
      'policy of DeploymentActionRole',
    ],
    ['in JSON, without outputs', JSON.stringify({ ...json, Outputs: undefined }), 'output BootstrapVersion'],
    ['without resources', '{ Resources }', 'resource ContainerAssetsRepository'],
    ['that is neither YAML nor JSON', `${SOURCE}\n- [`, 'resource ContainerAssetsRepository'],
  ])('%s is left alone, and what is missing is named', (_, template, missing) => {
    expect(withImageDigests(template)).toEqual({ missing });
  });
});
