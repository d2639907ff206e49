import { readAssembly } from '../assembly/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import type { Architecture } from './model.ts';
import { readArchitecture } from './read-architecture.ts';

/** Values that are shared in one target, and stacks that wait across accounts and regions. */
const APP = `
import { App, CfnOutput, CfnResource, Fn, Stack, Stage } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';

const app = new App();
for (const [name, account] of [['staging', '111111111111'], ['prod', '222222222222']]) {
  const stage = new Stage(app, name);
  const data = new Stack(stage, 'Data', { env: { account, region: 'eu-west-1' } });
  const queue = new Queue(data, 'Queue');
  new Queue(data, 'Letters');
  const service = new Stack(stage, 'Service', { env: { account, region: 'eu-west-1' } });
  new CfnOutput(service, 'Url', { value: queue.queueUrl });
  new CfnOutput(service, 'Arn', { value: queue.queueArn });
  const web = new Stack(stage, 'Web', { env: { account, region: 'us-east-1' } });
  web.addDependency(service);
  const alarms = new Stack(stage, 'Alarms', { env: { account: '333333333333', region: 'us-east-1' } });
  alarms.addDependency(web);
  new CfnOutput(alarms, 'Shared', { value: Fn.importValue('the-network') });
}
const free = new Stack(app, 'Free');
new CfnOutput(free, 'Joined', { value: 'x', exportName: Fn.join('-', [free.region, 'zone']) });
const user = new Stack(app, 'User');
new CfnOutput(user, 'Zone', { value: Fn.importValue(Fn.join('-', [user.region, 'zone'])) });
app.synth();
`;

let workspace: TemporaryWorkspace;
let architecture: Architecture;
beforeAll(async () => {
  workspace = temporaryWorkspace({ 'app.mjs': APP });
  architecture = await readArchitecture(readAssembly(await workspace.synth('app.mjs')));
});
afterAll(() => workspace.dispose());

const linkOf = (from: string, to: string) => architecture.links.find((link) => link.from === from && link.to === to);

test('stacks have their environment, target, and resources by kind, without what counts constructs', () => {
  const { stacks } = architecture;
  expect(stacks.find(({ id }) => id === 'staging/Data')).toEqual({
    id: 'staging/Data',
    stackName: 'staging-Data',
    account: '111111111111',
    region: 'eu-west-1',
    environment: 'staging',
    kinds: [{ type: 'AWS::SQS::Queue', count: 2 }],
  });
  expect(stacks.find(({ id }) => id === 'Free')).not.toHaveProperty('environment');
});

test('a stack that imports names what it imports, and from which stack of its own account', () => {
  const link = linkOf('staging/Service', 'staging/Data')!;
  expect(link.imports).toHaveLength(2);
  expect(link.imports[0]).toMatch(/^staging-Data:ExportsOutput/);
  expect(link.across).toEqual([]);
  expect(linkOf('staging/Service', 'prod/Data')).toBeUndefined();
  expect(linkOf('staging/Data', 'staging/Service')).toBeUndefined();
});

test('a stack that waits says across what', () => {
  expect(linkOf('prod/Web', 'prod/Service')).toMatchObject({ imports: [], across: ['region'] });
  expect(linkOf('prod/Alarms', 'prod/Web')).toMatchObject({ imports: [], across: ['account'] });
});

test('an import finds its export by what its name is made of, where no name is written', () => {
  expect(linkOf('User', 'Free')!.imports).toHaveLength(1);
});

test('what no stack of the app exports comes from outside', () => {
  expect(architecture.outside).toEqual([
    { stack: 'staging/Alarms', name: 'the-network' },
    { stack: 'prod/Alarms', name: 'the-network' },
  ]);
});

test('given the environments of a file, then these hold the stacks', async () => {
  const assembly = readAssembly(workspace.path('cdk.out'));
  const { stacks } = await readArchitecture(assembly, [{ name: 'one', stackIds: ['Free'] }]);
  expect(stacks.find(({ id }) => id === 'Free')!.environment).toBe('one');
  expect(stacks.find(({ id }) => id === 'prod/Data')!.environment).toBe('prod');
});

test('given a template that is no JSON, then it is named', async () => {
  const assembly = readAssembly(workspace.path('cdk.out'));
  workspace.write('broken.json', '{');
  const stacks = [{ ...assembly.stacks[0]!, templateFile: workspace.path('broken.json') }];
  await expect(readArchitecture({ stacks })).rejects.toMatchObject({
    code: 'BrokenAssembly',
    message: expect.stringContaining('broken.json'),
  });
});
