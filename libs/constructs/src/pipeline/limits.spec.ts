import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { DeploymentEnvironment, Target } from '@nx-cdk/environments';
import { Stack, Stage } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { environment, manyTargets, PROD, STAGING, testApp, testEnvironments, testStack } from './testing/test-app.ts';
import { LiteralTemplate, resourcesOf } from './testing/literal-template.ts';
import {
  INLINE_POLICIES_CHARACTERS,
  MANAGED_POLICIES_OF_A_ROLE,
  MANAGED_POLICY_CHARACTERS,
} from './spread-permission.ts';

// A thousand targets take a moment, on a busy machine more than a test may by default.
jest.setTimeout(60_000);

const halves = (targets: readonly Target[]): DeploymentEnvironment[] => [
  environment('staging', targets.slice(0, targets.length / 2)),
  environment('prod', targets.slice(targets.length / 2), { approval: true }),
];

const SIZES: [string, () => LiteralTemplate][] = [
  ['2 targets', () => new LiteralTemplate(testStack())],
  [
    '100 targets in 2 environments',
    () => new LiteralTemplate(testStack(testEnvironments({}, halves(manyTargets(100, 1))))),
  ],
  [
    '1000 targets: 100 accounts in 10 regions',
    () => new LiteralTemplate(testStack(testEnvironments({}, halves(manyTargets(100, 10))))),
  ],
  [
    '1000 targets, for container images too, with a long name and a long qualifier',
    () =>
      new LiteralTemplate(
        testStack({
          ...testEnvironments({ images: true, name: 'orders-and-more' }, halves(manyTargets(100, 10))),
          qualifier: 'qualifier0',
        }),
      ),
  ],
  [
    '1000 targets in 40 environments',
    () =>
      new LiteralTemplate(
        testStack(
          testEnvironments(
            {},
            Array.from({ length: 40 }, (_, index) =>
              environment(`e${index}`, manyTargets(25, 1, 100_000_000_000 + 25 * index)),
            ),
          ),
        ),
      ),
  ],
];

/** As IAM counts: white space does not count, and a template has none but in values. */
const length = (policy: object): number => JSON.stringify(policy).length;

describe.each(SIZES)('a pipeline for %s', (_, given) => {
  let template: LiteralTemplate;
  beforeAll(() => (template = given()));

  test('keeps the limits of CodePipeline: 50 stages, 50 actions a stage, 1000 actions in all', () => {
    const { stages } = template;
    expect(stages.length).toBeLessThanOrEqual(50);
    for (const { Actions } of stages) expect(Actions.length).toBeLessThanOrEqual(50);
    expect(stages.flatMap(({ Actions }) => Actions).length).toBeLessThanOrEqual(1000);
    for (const { Name, Configuration } of stages.flatMap(({ Actions }) => Actions)) {
      expect(Name).toMatch(/^[A-Za-z0-9.@\-_]{1,100}$/);
      for (const value of Object.values(Configuration)) expect(value.length).toBeLessThanOrEqual(1000);
    }
  });

  test('keeps the limits of IAM: sizes of policies, managed policies of a role, names', () => {
    for (const { name, inline, managed } of template.roles) {
      expect(name.length).toBeLessThanOrEqual(64);
      expect(inline.reduce((sum, policy) => sum + length(policy), 0)).toBeLessThanOrEqual(INLINE_POLICIES_CHARACTERS);
      expect(managed.length).toBeLessThanOrEqual(MANAGED_POLICIES_OF_A_ROLE);
      for (const policy of managed) expect(length(policy)).toBeLessThanOrEqual(MANAGED_POLICY_CHARACTERS);
    }
  });

  test('keeps the limits of CloudFormation: a million bytes, 500 resources', () => {
    expect(Buffer.byteLength(template.text)).toBeLessThan(1_000_000);
    expect(Object.keys(template.resources).length).toBeLessThan(500);
  });

  test('names every role that a step may take, once among the steps of its kind', () => {
    const taken = (prefix: RegExp) =>
      template.roles.filter(({ name }) => prefix.test(name)).flatMap((role) => resourcesOf(role, 'sts:AssumeRole'));
    for (const arns of [taken(/-publish/), taken(/-deploy-/), taken(/-lookups/)]) {
      expect(arns.length).toBeGreaterThan(0);
      expect(new Set(arns).size).toBe(arns.length);
      expect(arns.filter((arn) => !/^arn:aws:iam::\d{12}:role\/[\w-]+$/.test(arn))).toEqual([]);
    }
  });
});

describe('publishing', () => {
  const publishedTo = (targets: readonly Target[]) =>
    new LiteralTemplate(testStack(testEnvironments({}, [environment('prod', targets)])));
  const actions = (template: LiteralTemplate) =>
    template.stages.find(({ Name }) => Name === 'Publish')?.Actions.map(({ Name }) => Name);

  test('is one action for up to 687 targets, where the names of regions are the longest', () => {
    expect(actions(publishedTo(manyTargets(687, 1)))).toEqual(['Publish']);
    expect(actions(publishedTo(manyTargets(688, 1)))).toHaveLength(2);
  });

  test('is several parallel ones beyond, over targets that no two have in common', () => {
    const template = publishedTo(manyTargets(100, 10));
    expect(actions(template)).toEqual(['Publish-1-of-2', 'Publish-2-of-2']);

    const targets = [1, 2].map((part) => {
      const command = template.commands(`nx-cdk-publish-${part}-of-2`).at(-1)!;
      expect(command).toMatch(
        /^npx nx run-many -t publish-prod --excludeTaskDependencies --outputStyle=static -- --release="\$RELEASES" --targets=/,
      );
      return command.split('--targets=')[1]!.split(',');
    });
    expect(targets.flat()).toEqual(manyTargets(100, 10).map(({ account, region }) => `${account}/${region}`));
  });

  test('of a part names each environment with its own targets only', () => {
    const template = new LiteralTemplate(testStack(testEnvironments({}, halves(manyTargets(100, 10)))));
    const commands = template.commands('nx-cdk-publish-1-of-2').filter((command) => command.startsWith('npx nx '));
    expect(commands).toEqual([expect.stringMatching(/-t publish-staging .* --targets=100000000000\/ap-southeast-1,/)]);
  });
});

describe('what does not fit is refused in one sentence:', () => {
  test('a thousand targets in one action', () => {
    const one = environment('prod', manyTargets(100, 10), { parallelActions: 1 });
    expect(() => testStack(testEnvironments({}, [one]))).toThrow(
      /^The role nx-cdk-deploy-prod-1-of-1 .*\(parallelActions\)\.$/,
    );
  });

  test('a name so long that IAM would not take it', () => {
    expect(() =>
      testStack(testEnvironments({ name: 'a'.repeat(30) }, [environment('b'.repeat(30), [STAGING])])),
    ).toThrow(/has a name of \d+ characters, IAM allows 64: choose a shorter name/);
  });

  test('more environments than a pipeline has stages', () => {
    const many = Array.from({ length: 47 }, (_, index) => environment(`e${index}`, [STAGING]));
    expect(() => testStack(testEnvironments({}, many))).toThrow(
      /has 47 environments, and a pipeline at most 50 stages/,
    );
  });
});

describe('the template', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'assets-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The pipeline, synthesized in one app with a stage that has this number of assets. */
  function withAssets(count: number): string {
    const app = testApp();
    const stack = testStack(testEnvironments(), app);
    const neighbour = new Stack(new Stage(app, 'staging', { env: STAGING }), 'Assets', { env: PROD });
    for (let index = 0; index < count; index += 1) {
      const path = join(folder, `${count}-${index}`);
      writeFileSync(path, path);
      new Asset(neighbour, `Asset${index}`, { path });
    }
    new Topic(neighbour, 'Topic');
    const { text } = new LiteralTemplate(stack);
    const manifest = readFileSync(join(app.outdir, 'assembly-staging', `${neighbour.artifactId}.assets.json`), 'utf8');
    // Its template is one more.
    expect(Object.keys((JSON.parse(manifest) as { files: object }).files)).toHaveLength(count + 1);
    return text;
  }

  test('is the same to the byte beside 500 assets and beside one', () => {
    expect(withAssets(500)).toBe(withAssets(1));
  });
});
