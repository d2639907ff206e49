import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readInstalledTemplate } from './template-version.ts';

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
