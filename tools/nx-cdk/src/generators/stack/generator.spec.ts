import { NewProjectBed } from '../../new-project/testing/new-project-bed.ts';
import stackGenerator from './generator.ts';

let bed: NewProjectBed;
beforeEach(() => (bed = new NewProjectBed()));
afterEach(() => bed.dispose());

const generate = (name: string, project?: string) => bed.generate(stackGenerator, { name, project });

/** The app shop, with these sources. */
function app(sources: Readonly<Record<string, string>>, manifest: object = { name: 'shop', type: 'module' }): void {
  bed.workspace.write('apps/shop/package.json', manifest);
  bed.workspace.write('apps/shop/cdk.json', { app: 'node src/main.ts', context: {} });
  for (const [file, text] of Object.entries(sources)) bed.workspace.write(`apps/shop/${file}`, text);
}

const MAIN = `import { runApp } from '@nx-cdk/constructs';

runApp((app) => {
  new InboxStack(app, 'Inbox', { stackName: 'shop-inbox' });
});
`;

const STAGE = `import { Stage, type StackProps } from 'aws-cdk-lib';
import {
  Construct,
} from 'constructs';

export class ShopStage extends Stage {
  constructor(scope: Construct, id: string, props: { targets: { account: string; region: string }[] }) {
    super(scope, id);
    for (const { account, region } of props.targets) {
      const target = \`\${account}-\${region}\`;
      const common = (kind: string): StackProps => ({
        env: { account, region },
        stackName: \`\${id}-shop-\${kind}\`,
      });
    }
  }
}
`;

describe('a stack', () => {
  test('becomes one of the stacks of the stage, after those that there are', async () => {
    app({ 'src/main.ts': 'runApp(define);\n', 'src/shop-stage.ts': STAGE });
    const { files, said } = await generate('order-reports');
    expect(files).toEqual([
      'apps/shop/src/order-reports-stack.spec.ts',
      'apps/shop/src/order-reports-stack.ts',
      'apps/shop/src/shop-stage.ts',
    ]);
    const stage = bed.read('apps/shop/src/shop-stage.ts');
    expect(stage).toContain("'constructs';\nimport { OrderReportsStack } from './order-reports-stack.ts';\n");
    expect(stage).toMatch(
      /\}\);\n {6}new OrderReportsStack\(\n? *this,\s*`OrderReports-\$\{target\}`,\s*common\('order-reports'\),?\s*\);\n {4}\}\n {2}\}\n\}\n$/,
    );
    expect(said).toBe('\nNext:\n1. npx nx test shop\n2. npx nx synth shop');
  });

  test('becomes one of the stacks of an app without stages', async () => {
    app({ 'src/main.ts': MAIN });
    await generate('reports', 'shop');
    expect(bed.read('apps/shop/src/main.ts')).toContain(
      `  new ReportsStack(app, 'Reports', { stackName: 'shop-reports' });\n});\n`,
    );
  });

  test('with its test is right in itself', async () => {
    app({ 'src/main.ts': MAIN });
    await generate('reports');
    await generate('reports-stack');
    expect(bed.read('apps/shop/src/reports-stack.spec.ts')).toContain('a message for two weeks');
  });

  test('is added once', async () => {
    app({ 'src/main.ts': 'runApp(define);\n', 'src/shop-stage.ts': STAGE });
    await generate('reports');
    const { files, said } = await generate('reports');
    expect(files).toEqual([]);
    expect(said).toContain('apps/shop/src/reports-stack.ts is there already');
  });
});

describe('where the place of a stack is not plain, its lines are printed and nothing else is changed', () => {
  test.each([
    ['another loop', { 'src/shop-stage.ts': STAGE.replace('{ account, region } of', 'env of') }],
    ['no common props', { 'src/shop-stage.ts': STAGE.replace('const common', 'const shared') }],
    ['two stages', { 'src/a-stage.ts': STAGE, 'src/b-stage.ts': STAGE }],
    [
      'two loops',
      {
        'src/shop-stage.ts': STAGE.replace(
          '    for (',
          '    for (const { account, region } of []) {\n    }\n    for (',
        ),
      },
    ],
    ['an app of its own kind', { 'src/main.ts': 'const app = new App();\n' }],
  ])('as in %s', async (_, sources) => {
    app(sources);
    const { files, said } = await generate('reports');
    expect(files).toEqual(['apps/shop/src/reports-stack.spec.ts', 'apps/shop/src/reports-stack.ts']);
    expect(said).toContain('1. add these lines where shop makes its stacks:');
    expect(said).toContain("import { ReportsStack } from './reports-stack.ts';");
    expect(said).toMatch(/new ReportsStack\((this|app), /);
  });

  test('as in an app that cdk init has made: the test goes beside its tests', async () => {
    const bin = "import * as cdk from 'aws-cdk-lib';\nconst app = new cdk.App();\n";
    app(
      { 'bin/shop.ts': bin, 'lib/shop-stack.ts': 'export {};\n', 'test/shop.test.ts': 'test.todo("");\n' },
      { name: 'shop' },
    );
    const { files, said } = await generate('reports');
    expect(files).toEqual(['apps/shop/lib/reports-stack.ts', 'apps/shop/test/reports-stack.test.ts']);
    expect(bed.read('apps/shop/test/reports-stack.test.ts')).toMatch(/from ["']\.\.\/lib\/reports-stack["']/);
    expect(said).toContain("import { ReportsStack } from '../lib/reports-stack';");
  });
});

describe('it refuses', () => {
  test('an app in another language', async () => {
    app({ 'app.py': 'print(1)\n' });
    await expect(generate('reports')).rejects.toMatchObject({ code: 'NotAnApp', next: 'add the stack by hand' });
  });

  test('a workspace without apps', async () => {
    await expect(generate('reports')).rejects.toThrow('No CDK app was named: make one with the generator app');
  });

  test('a project that is no app, and a guess among several', async () => {
    app({ 'src/main.ts': MAIN });
    bed.workspace.write('apps/web/cdk.json', {});
    await expect(generate('reports', 'libs')).rejects.toThrow('give --project; there is shop, web');
    await expect(generate('reports')).rejects.toThrow('No CDK app was named: give --project; there is shop, web');
  });

  test('a name that is none', async () => {
    app({ 'src/main.ts': MAIN });
    await expect(generate('Reports')).rejects.toMatchObject({ code: 'BadName' });
  });
});
