import type { Environments } from '@nx-cdk/environments';
import type { Assembly, AssemblyStack, Target } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { chooseTargets, stacksOfTargets } from './choose-targets.ts';

const IRELAND = { account: '222222222222', region: 'eu-west-1' };
const VIRGINIA = { account: '222222222222', region: 'us-east-1' };
const STAGING = { account: '111111111111', region: 'eu-west-1' };
const OPEN = { account: 'unknown-account', region: 'unknown-region' };

const ENVIRONMENTS = {
  environments: [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [IRELAND, VIRGINIA, { account: '333333333333', region: 'us-east-1' }] },
  ],
} as unknown as Environments;

/** Nobody may ask who the caller is if it does not matter: a step need not even have credentials to be refused. */
const nobody = async (): Promise<AwsClients> => {
  throw new Error('The caller was asked for');
};

type Options = Parameters<typeof chooseTargets>[2];

const choose = (options: Options, places: readonly Target[] = [STAGING, IRELAND, VIRGINIA], aws = nobody) =>
  chooseTargets(places, undefined, options, aws);

describe('choosing targets', () => {
  test.each<[string, Options['targets'], Target[]]>([
    ['one', '222222222222/us-east-1', [VIRGINIA]],
    ['several, separated by commas', '222222222222/us-east-1, 111111111111/eu-west-1', [STAGING, VIRGINIA]],
    ['several, given several times', ['222222222222/us-east-1', '111111111111/eu-west-1'], [STAGING, VIRGINIA]],
    ['all regions of an account', '222222222222/*', [IRELAND, VIRGINIA]],
    ['a region of all accounts', '*/eu-west-1', [STAGING, IRELAND]],
    ['everything', '*/*', [STAGING, IRELAND, VIRGINIA]],
  ])('%s', async (_, targets, expected) => {
    const choice = (await choose({ targets }))!;
    expect([STAGING, IRELAND, VIRGINIA].filter((place) => choice.includes(place))).toEqual(expected);
  });

  test.each([[undefined], [''], [[]]])('%j is no limit', async (targets) => {
    expect(await choose({ targets })).toBeUndefined();
  });

  test.each(['333333333333/eu-west-1', '*/eu-north-1', '222222222222', '*'])(
    '%s, which is none of them, is a mistake and no quiet success',
    async (targets) => {
      await expect(choose({ targets: ['222222222222/us-east-1', targets] })).rejects.toMatchObject({
        code: 'NothingSelected',
        message: `There is no target "${targets}": there are 111111111111/eu-west-1, 222222222222/eu-west-1, 222222222222/us-east-1.`,
      });
    },
  );

  test('a target of the environments file is one, even where this app has nothing for it: another one may', async () => {
    const of = (environment: string, place: Target) =>
      chooseTargets([place], ENVIRONMENTS, { targets: '333333333333/us-east-1', environment }, nobody);
    expect((await of('prod', IRELAND))!.includes(IRELAND)).toBe(false);
    // but not one of another environment than the one that is meant
    await expect(of('staging', STAGING)).rejects.toThrow(
      'There is no target "333333333333/us-east-1": there are 111111111111/eu-west-1.',
    );
  });

  test('what is environment-agnostic goes where the caller is', async () => {
    const caller = async () => ({ ...VIRGINIA, partition: 'aws', arn: 'arn' });
    const aws = async () => ({ caller }) as unknown as AwsClients;
    const choice = (await choose({ targets: '222222222222/us-east-1' }, [OPEN, IRELAND], aws))!;
    expect(choice.includes(OPEN)).toBe(true);
    expect(choice.nameOf(OPEN)).toBe('222222222222/us-east-1');
    expect((await choose({ targets: '*/eu-west-1' }, [OPEN, IRELAND], aws))!.includes(OPEN)).toBe(false);
    // one that leaves only the account open, too
    const half = { account: 'unknown-account', region: 'eu-west-1' };
    expect((await choose({ targets: '222222222222/eu-west-1' }, [half], aws))!.includes(half)).toBe(true);
  });
});

describe('the stacks of targets', () => {
  const stack = (id: string, target: Target, ...dependencies: string[]) =>
    ({ id, target, dependencies }) as unknown as AssemblyStack;
  const PROMOTION = [
    { name: 'staging', stackIds: ['staging/Data'] },
    { name: 'prod', stackIds: ['prod/Data', 'prod/Service', 'prod/Edge', 'prod/Alone'] },
  ];
  const ASSEMBLY: Pick<Assembly, 'stacks'> = {
    stacks: [
      stack('staging/Data', STAGING),
      stack('prod/Data', IRELAND, 'staging/Data'),
      stack('prod/Service', IRELAND, 'prod/Data'),
      stack('prod/Edge', VIRGINIA, 'prod/Service'),
      stack('prod/Alone', VIRGINIA),
    ],
  };
  const ids = ASSEMBLY.stacks.map(({ id }) => id);
  const select = async (targets: string, stackIds = ids, promotion = PROMOTION) =>
    stacksOfTargets(ASSEMBLY, stackIds, promotion, (await choose({ targets }))!);

  test('are those that go there; what an earlier environment holds is there already', async () => {
    expect(await select('222222222222/eu-west-1')).toEqual(['prod/Data', 'prod/Service']);
  });

  test('may depend on one of another target that is chosen too', async () => {
    expect(await select('222222222222/*')).toEqual(['prod/Data', 'prod/Service', 'prod/Edge', 'prod/Alone']);
  });

  test('may not depend on one of the same environment that another action deploys at the same time', async () => {
    await expect(select('*/us-east-1')).rejects.toMatchObject({
      code: 'OtherTarget',
      message:
        'prod/Edge in 222222222222/us-east-1 depends on prod/Service in 222222222222/eu-west-1, which --targets leaves out and which may not be deployed yet: ' +
        'set "parallelActions": 1 for prod in environments.json so that one action deploys both, or deploy without --targets.',
    });
  });

  test('without environments all stacks are of one', async () => {
    await expect(select('*/us-east-1', ids, [])).rejects.toMatchObject({ code: 'OtherTarget' });
  });

  test('may do so where somebody left the other stack out on purpose', async () => {
    expect(await select('*/us-east-1', ['prod/Edge', 'prod/Alone'])).toEqual(['prod/Edge', 'prod/Alone']);
  });

  test('may be none', async () => {
    expect(await select('*/us-east-1', ['prod/Data'])).toEqual([]);
  });
});
