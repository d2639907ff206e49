import { stacksOf, TARGETS, testStage } from './testing/test-app.ts';

const paths = (stage: ReturnType<typeof testStage>): string[] => stacksOf(stage).map((stack) => stack.node.path);

describe('the ids of an environment', () => {
  test('name the kind of stack, the account and the region', () => {
    expect(paths(testStage())).toEqual([
      'staging/Data-111111111111-eu-west-1',
      'staging/Service-111111111111-eu-west-1',
    ]);
  });

  test('stay as they are when a second target is added', () => {
    const one = testStage({ targets: [TARGETS[0]] });
    const two = testStage({ targets: [TARGETS[1], TARGETS[0]] });

    expect(paths(two)).toEqual(expect.arrayContaining(paths(one)));
    expect(paths(two)).toHaveLength(4);
  });

  test('and the names in CloudFormation are unique with 10 accounts and 5 regions', () => {
    const accounts = Array.from({ length: 10 }, (_, index) => String(100_000_000_000 + index));
    const regions = ['eu-west-1', 'eu-central-1', 'us-east-1', 'us-west-2', 'ap-southeast-2'];
    const targets = accounts.flatMap((account) => regions.map((region) => ({ account, region })));

    const assembly = testStage({ targets }).synth();

    expect(assembly.stacks).toHaveLength(100);
    expect(new Set(assembly.stacks.map(({ id }) => id)).size).toBe(100);
    expect(new Set(assembly.stacks.map(({ hierarchicalId }) => hierarchicalId)).size).toBe(100);
    expect(new Set(assembly.stacks.map(({ stackName, environment }) => `${environment.name} ${stackName}`)).size).toBe(
      100,
    );
  });
});

describe('an environment', () => {
  test('deploys its data before its service', () => {
    const [data, service] = testStage().synth().stacks;
    expect(service?.dependencies.map(({ id }) => id)).toContain(data?.id);
  });

  test('does not make one target wait for another', () => {
    const { stacks } = testStage({ targets: TARGETS }).synth();
    for (const stack of stacks) {
      const elsewhere = stack.dependencies.filter(
        (dependency) => 'environment' in dependency && dependency.environment !== stack.environment,
      );
      const names = elsewhere.map((dependency) => (dependency as typeof stack).environment.name);
      expect(names.filter((name) => name !== stack.environment.name)).toEqual([]);
    }
  });

  test('goes where it is told, through the bootstrap stack it is told', () => {
    const [data] = testStage({ qualifier: 'orders01' }).synth().stacks;

    expect(data?.environment).toMatchObject({ account: '111111111111', region: 'eu-west-1' });
    expect(data?.assumeRoleArn).toContain('cdk-orders01-deploy-role-111111111111-eu-west-1');
    expect(data?.stackTemplateAssetObjectUrl).toContain('cdk-orders01-assets-111111111111-eu-west-1');
  });

  test('of which there are many names its stacks after each', () => {
    const names = testStage({ stageName: 'sandbox-ada' }, 'sandbox')
      .synth()
      .stacks.map(({ hierarchicalId, stackName }) => [hierarchicalId, stackName]);
    expect(names).toEqual([
      ['sandbox/Data-111111111111-eu-west-1', 'sandbox-ada-orders-data'],
      ['sandbox/Service-111111111111-eu-west-1', 'sandbox-ada-orders-service'],
    ]);
  });

  test('tags its stacks with the service and itself', () => {
    for (const stack of testStage({}, 'prod').synth().stacks) {
      expect(stack.tags).toEqual({ environment: 'prod', service: 'orders' });
    }
  });
});
