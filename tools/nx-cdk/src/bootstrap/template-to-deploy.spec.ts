import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import type { BootstrapChange } from './change.ts';
import { templateToDeploy } from './template-to-deploy.ts';
import { readInstalledTemplate } from './template-version.ts';

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
