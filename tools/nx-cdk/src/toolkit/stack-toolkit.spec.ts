import type { AwsClients } from '../aws/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { openStackToolkit } from './stack-toolkit.ts';

const stack = (account: string) => ({
  type: 'aws:cloudformation:stack',
  environment: `aws://${account}/eu-west-1`,
  properties: {
    templateFile: 'template.json',
    assumeRoleArn: 'arn:aws:iam::111111111111:role/administrator',
    assumeRoleExternalId: 'id',
    lookupRole: { arn: 'arn:aws:iam::111111111111:role/lookup', requiresBootstrapStackVersion: 8 },
  },
});

let workspace: TemporaryWorkspace;
beforeAll(() => {
  workspace = temporaryWorkspace({
    'cdk.out/manifest.json': {
      version: '36.0.0',
      artifacts: { Other: stack('111111111111'), Own: stack('123456789012') },
    },
    'cdk.out/template.json': { Resources: {} },
  });
});
afterAll(() => workspace.dispose());

test('stacks are read with one role, whatever the assembly names, and with the own credentials in the own account', async () => {
  const aws = {
    agents: {},
    callerCredentials: async () => ({}),
    region: async () => 'eu-west-1',
    caller: async () => ({ account: '123456789012' }),
  } as unknown as AwsClients;

  const { assembly, dispose } = await openStackToolkit(aws, workspace.path('cdk.out'), 'reader');

  const roles = assembly.cloudAssembly.stacksRecursively.map(
    ({ id, lookupRole, assumeRoleArn, assumeRoleExternalId }) => [id, lookupRole, assumeRoleArn, assumeRoleExternalId],
  );
  const arn = 'arn:aws:iam::111111111111:role/reader';
  expect(roles).toEqual([
    ['Other', { arn }, arn, undefined],
    ['Own', undefined, undefined, undefined],
  ]);
  await dispose();
});
