import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logger } from '@nx/devkit';
import { jest } from '@jest/globals';
import { FsTree, flushChanges } from 'nx/src/generators/tree.js';
import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import convertGenerator from './generator.ts';
import type { ConvertGeneratorSchema } from './schema.d.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => {
  workspace = temporaryWorkspace({ 'nx.json': '{}\n', 'package.json': '{\n  "name": "acme"\n}\n' });
});
afterEach(() => {
  jest.restoreAllMocks();
  workspace.dispose();
});

const read = (file: string) => readFileSync(workspace.path(file), 'utf8');
const target = (account: string, region = 'eu-west-1') => ({ account, region });

/** Runs the generator as Nx does; returns the files that it wrote. */
async function convert(options: Partial<ConvertGeneratorSchema> = {}): Promise<string[]> {
  const tree = new FsTree(workspace.root, false);
  await convertGenerator(tree, options);
  const changes = tree.listChanges();
  flushChanges(workspace.root, changes);
  return changes.map(({ path }) => path).toSorted();
}

/** What `cdk init` writes into the folder of the app. */
function cdkInit(language: string): void {
  mkdirSync(workspace.path('shop'));
  const cdk = join(import.meta.dirname, '../../../../../node_modules/.bin/cdk');
  const env = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true' };
  execFileSync(cdk, ['init', 'app', '--language', language, '--generate-only', '--no-notices'], {
    cwd: workspace.path('shop'),
    env,
    stdio: 'ignore',
  });
}

/** An app of one file. */
function app(file: string, source: string): void {
  workspace.write('shop/cdk.json', `{\n  "app": "node ${file}"\n}\n`);
  workspace.write(`shop/${file}`, source);
}

/** Names and logical ids of the stacks that the app makes. */
async function stacksOf(
  file: string,
): Promise<{ id: string; stackName: string; environment: string; ids: string[] }[]> {
  const context = { 'nx-cdk:environments': workspace.path('environments.json') };
  const folder = await workspace.synth(file, context);
  const manifests = [folder, ...['staging', 'prod'].map((name) => join(folder, `assembly-${name}`))];
  return manifests.flatMap((directory) => {
    const { artifacts = {} } = manifestIn(directory);
    return Object.entries(artifacts)
      .filter(([, { type }]) => type === 'aws:cloudformation:stack')
      .map(([key, { displayName, environment, properties }]) => {
        const template = JSON.parse(readFileSync(join(directory, properties!.templateFile), 'utf8'));
        const stackName = properties?.stackName ?? key;
        return { id: displayName, stackName, environment, ids: Object.keys(template.Resources ?? {}) };
      });
  });
}

interface Artifact {
  readonly type: string;
  readonly displayName: string;
  readonly environment: string;
  readonly properties?: { readonly stackName?: string; readonly templateFile: string };
}

function manifestIn(directory: string): { artifacts?: Record<string, Artifact> } {
  try {
    return JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  } catch {
    return {};
  }
}

const TWO_STACKS = `import * as cdk from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';

class Shop extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.topic = new Topic(this, 'Topic');
  }
}

const app = new cdk.App();
const first = new Shop(app, 'First');
// The second one reads the first.
new Shop(app, 'Second', { description: \`reads
  \${first.stackName}\` });
app.synth();
`;

describe('the app', () => {
  const source = "import { App } from 'aws-cdk-lib';\nconst app = new App();\nnew Shop(app, 'Shop');\n";

  test('is the only one of the workspace, or the one that is named', async () => {
    app('main.ts', source);
    const files = ['environments.json', 'package.json', 'shop/cdk.json', 'shop/main.ts'];
    expect(await convert()).toEqual(files);

    app('main.ts', source);
    workspace.write('other/cdk.json', '{ "app": "node main.ts" }');
    expect(await convert({ project: 'shop' })).toEqual(['shop/cdk.json', 'shop/main.ts']);
  });

  test('has to be named where there are several: they are listed, and nothing changes', async () => {
    app('main.ts', source);
    workspace.write('other/cdk.json', '{ "app": "node main.ts" }');
    await expect(convert()).rejects.toThrow('No CDK app was named: give --project; there is other, shop.');
    expect(read('shop/main.ts')).toBe(source);
  });

  test('at the root of the workspace has the name of its folder', async () => {
    workspace.write('cdk.json', '{ "app": "node main.ts" }');
    workspace.write('main.ts', source);
    expect(await convert()).toContain('main.ts');
  });
});

describe('an app of cdk init', () => {
  test('in JavaScript makes its stack in each environment, under the name that it had', async () => {
    cdkInit('javascript');
    const files = await convert();
    expect(files).toEqual(['environments.json', 'package.json', 'shop/bin/shop.js', 'shop/cdk.json']);
    expect(JSON.parse(read('shop/cdk.json')).context['nx-cdk:environments']).toBe('../environments.json');
    expect(await stacksOf('shop/bin/shop.js')).toMatchObject([
      { id: 'staging/ShopStack-111111111111-eu-west-1', stackName: 'ShopStack' },
      { id: 'prod/ShopStack-222222222222-eu-west-1', stackName: 'ShopStack' },
    ]);
  });

  test('in TypeScript has a loop around its stack, and what it said before inside', async () => {
    cdkInit('typescript');
    await convert();
    const source = read('shop/bin/shop.ts');
    expect(source).toContain(`import { readEnvironments } from '@nx-cdk/environments';

const app = new cdk.App();

// A stage for each environment of the file that cdk.json names.
for (const { name, targets } of readEnvironments(app.node.tryGetContext('nx-cdk:environments')).environments) {
  const stage = new cdk.Stage(app, name);
  for (const { account, region } of targets) {
    new ShopStack(stage, \`ShopStack-\${account}-\${region}\`, {
      env: { account, region },
      // Its name so far, so that what is deployed stays the same stack.
      stackName: 'ShopStack',
      /* If you don't specify 'env'`);
    expect(source).toMatch(/\n {4}\}\);\n {2}\}\n\}\n$/);
  });

  test('in Python has the same, and Python can read it', async () => {
    cdkInit('python');
    const files = await convert();
    expect(files).toEqual(['environments.json', 'shop/app.py', 'shop/cdk.json']);
    const source = read('shop/app.py');
    expect(source).toContain(`for environment in environments:
    stage = cdk.Stage(app, environment["name"])
    for target in environment["targets"]:
        account, region = target["account"], target["region"]
        ShopStack(stage, f"ShopStack-{account}-{region}",
            env=cdk.Environment(account=account, region=region),
            # Its name so far, so that what is deployed stays the same stack.
            stack_name="ShopStack",
            # If you don't specify 'env'`);
    expect(source).toMatch(/^import json\nimport os$/m);
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: source });
  });
});

describe('an app of several stacks', () => {
  test('has the same resources in each environment as it had before', async () => {
    app('main.mjs', TWO_STACKS);
    const before = await stacksOf('shop/main.mjs');
    await convert();
    const after = await stacksOf('shop/main.mjs');
    expect(after.map(({ stackName, ids }) => ({ stackName, ids }))).toEqual(
      [...before, ...before].map(({ stackName, ids }) => ({ stackName, ids })),
    );
    expect(after.map(({ environment }) => environment)).toEqual([
      'aws://111111111111/eu-west-1',
      'aws://111111111111/eu-west-1',
      'aws://222222222222/eu-west-1',
      'aws://222222222222/eu-west-1',
    ]);
  });

  test('a second time there is nothing to write', async () => {
    app('main.mjs', TWO_STACKS);
    await convert();
    expect(await convert()).toEqual([]);
  });

  test('gets other names where two environments share an account and region', async () => {
    app('main.mjs', TWO_STACKS);
    await convert({ environments: 'staging=111111111111/eu-west-1,prod=111111111111/eu-west-1' });
    expect((await stacksOf('shop/main.mjs')).map(({ stackName }) => stackName)).toEqual([
      'staging-First-111111111111-eu-west-1',
      'staging-Second-111111111111-eu-west-1',
      'prod-First-111111111111-eu-west-1',
      'prod-Second-111111111111-eu-west-1',
    ]);
  });

  test('that says where they go has one environment there, if no file says anything else', async () => {
    app(
      'main.mjs',
      TWO_STACKS.replaceAll(
        /'(First|Second)'/g,
        "$&, { env: { account: '210987654321', region: 'us-east-1' } }",
      ).replace(/ \} \}, \{ description[^]*?\}` \}/, ' } }'),
    );
    await stacksOf('shop/main.mjs');
    await convert();
    expect(JSON.parse(read('environments.json')).environments).toEqual([
      { name: 'prod', targets: [target('210987654321', 'us-east-1')] },
    ]);
    expect(await stacksOf('shop/main.mjs')).toMatchObject([
      { stackName: 'First', environment: 'aws://210987654321/us-east-1' },
      { stackName: 'Second', environment: 'aws://210987654321/us-east-1' },
    ]);
  });
});

describe('an app of another shape stays as it is, and is told what to write:', () => {
  const end = "const app = new App();\nnew Shop(app, 'Shop');\n";
  test.each([
    ['no app', 'makeApp();\n', 'it makes no app at its top level'],
    ['no stack', 'const app = new App();\n', 'it makes no stack right below the app'],
    [
      'a stack in a function',
      "const app = new App();\nfunction f() {\n  new Shop(app, 'Shop');\n}\n",
      'inside of a function',
    ],
    ['a computed id', 'const app = new App();\nnew Shop(app, id());\n', 'the id of a stack is not written'],
    [
      'computed props',
      "const app = new App();\nnew Shop(app, 'Shop', props);\n",
      'the props of a stack are not written',
    ],
    [
      'props of others',
      "const app = new App();\nnew Shop(app, 'Shop', { ...props });\n",
      'the props of a stack are not',
    ],
    [
      'code between stacks',
      `${end}Tags.of(app).add('a', 'b');\nnew Shop(app, 'Other');\n`,
      'what is between its stacks uses app',
    ],
    ['an app that goes elsewhere', `${end}addStacks(app, 1);\n`, 'it hands app to other code'],
    [
      'different targets',
      "const app = new App();\nnew Shop(app, 'A', { env: a });\nnew Shop(app, 'B', { env: b });\n",
      'its stacks have different values of env',
    ],
    [
      'a stack that is used later',
      "const app = new App();\nconst shop = new Shop(app, 'Shop');\nconsole.log(shop);\n",
      'shop is used after the last stack',
    ],
  ])('%s', async (_, source, reason) => {
    const said = jest.spyOn(logger, 'info').mockImplementation(() => undefined);
    app('main.ts', `import { App } from 'aws-cdk-lib';\n${source}`);
    await expect(convert()).rejects.toThrow(reason);
    expect(said.mock.calls.join()).toContain('"nx-cdk:environments": "../environments.json"');
    expect(said.mock.calls.join()).toContain('new cdk.Stage(app, name)');
  });

  test('a command that names no file', async () => {
    jest.spyOn(logger, 'info').mockImplementation(() => undefined);
    workspace.write('shop/cdk.json', '{ "app": "mvn exec:java" }');
    await expect(convert()).rejects.toThrow('its command names no file');
  });
});

test('code in comments and strings is none', async () => {
  const source =
    "// new Shop(app, 'Old');\nconst app = new App();\nnew Shop(app, 'Shop', { description: 'new Shop(app, 1)' });\n";
  app('main.ts', `import { App } from 'aws-cdk-lib';\n/* new Shop(app, 'Old'); */\n${source}`);
  await convert();
  expect(read('shop/main.ts')).toContain("// new Shop(app, 'Old');\nconst app");
  expect(read('shop/main.ts')).toContain("import { Stage } from 'aws-cdk-lib';");
  expect(read('shop/main.ts')).toContain(`    new Shop(stage, \`Shop-\${account}-\${region}\`, {
      env: { account, region },
      // Its name so far, so that what is deployed stays the same stack.
      stackName: 'Shop',
      description: 'new Shop(app, 1)',
    });`);
});
