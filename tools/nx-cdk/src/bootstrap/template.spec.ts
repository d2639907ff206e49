import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import type { BootstrapChange } from './change.ts';
import { readInstalledTemplate, templateToDeploy } from './template.ts';

const PLAN: BootstrapChange = {
  action: 'create',
  toolkitStackName: 'CDKToolkit',
  template: 'toolkit',
  readsImages: true,
  trust: [],
  executionPolicies: undefined,
  existing: {},
  differences: [],
  removedTrust: [],
};
const installed = readInstalledTemplate();
/** Whoever asks it for the toolkit's own template fails. */
const nobody = {} as CloudFormationClient;

describe('the toolkit’s template', () => {
  test('is deployed with the permission to read image digests', async () => {
    const { text, missing } = await templateToDeploy(PLAN, installed, nobody);
    expect(text).toContain('ecr:DescribeImages\n                Resource:');
    expect(missing).toBeUndefined();
  });

  test('is asked of the toolkit itself where its file is not known', async () => {
    const [known, unknown] = await Promise.all([
      templateToDeploy(PLAN, installed, nobody),
      templateToDeploy(PLAN, undefined, nobody),
    ]);
    expect(parse(unknown.text)).toEqual(parse(known.text));
    // Loading the toolkit takes its time.
  });

  test('stays as it is if the change does not give the permission, or if it has no place for it', async () => {
    const other = { ...installed!, text: 'Resources:\n' };
    expect(await templateToDeploy({ ...PLAN, readsImages: false }, other, nobody)).toEqual({ text: other.text });
    expect(await templateToDeploy(PLAN, other, nobody)).toEqual({
      text: other.text,
      missing: 'resource ContainerAssetsRepository',
    });
  });
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'template-version-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(text: string): string {
  const file = join(folder, 'template.yaml');
  writeFileSync(file, text);
  return file;
}

describe('the version of the template that the toolkit would deploy', () => {
  test('is read from its file, and is what the toolkit itself says', async () => {
    // given the toolkit's own answer, which takes it more than a second
    const { BootstrapTemplate } = await import('@aws-cdk/toolkit-lib');
    const template = JSON.parse((await BootstrapTemplate.fromSource()).asJSON());

    // when
    const facts = readInstalledTemplate();

    // then
    expect(facts).toMatchObject({
      version: Number(template.Resources.CdkBootstrapVersion.Properties.Value),
      variant: template.Parameters.BootstrapVariant.Default,
    });
  });

  test('is found however the number is quoted, among other parameters of the same type', () => {
    for (const value of ["'7'", '"7"', '7']) {
      const file = fileWith(
        [
          'Resources:',
          '  Other:',
          '    Type: AWS::SSM::Parameter',
          '    Properties:',
          "      Value: '99'",
          '  CdkBootstrapVersion:',
          '    Type: AWS::SSM::Parameter',
          '    Properties:',
          '      # a comment',
          `      Value: ${value}`,
          'Outputs:',
        ].join('\n'),
      );
      expect(readInstalledTemplate(file)).toMatchObject({ version: 7, variant: undefined });
    }
  });

  test('is not guessed where the file is missing or says nothing of it', () => {
    expect(readInstalledTemplate(join(folder, 'none.yaml'))).toBeUndefined();
    expect(readInstalledTemplate(fileWith('Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n'))).toBeUndefined();
  });
});
