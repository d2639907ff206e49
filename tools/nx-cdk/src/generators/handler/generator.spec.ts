import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NewProjectBed } from '../../new-project/testing/new-project-bed.ts';
import handlerGenerator from './generator.ts';

let bed: NewProjectBed;
beforeEach(() => (bed = new NewProjectBed()));
afterEach(() => bed.dispose());

type Options = Parameters<typeof handlerGenerator>[1];
const generate = (options: Options) => bed.generate(handlerGenerator, options);
const ROOT = 'libs/handlers/order-report';
const filesIn = (files: readonly string[]) =>
  files.filter((file) => file.startsWith(`${ROOT}/`)).map((file) => file.slice(ROOT.length + 1));

describe.each<[Options['language'], string[]]>([
  [
    'typescript',
    ['jest.config.mjs', 'package.json', 'src/asset.ts', 'src/handler.spec.ts', 'src/handler.ts', 'tsconfig.json'],
  ],
  [
    'python',
    ['asset.ts', 'package.json', 'requirements.txt', 'src/handler.py', 'tests/test_handler.py', 'tsconfig.json'],
  ],
  ['go', ['asset.ts', 'go.mod', 'go.sum', 'main.go', 'main_test.go', 'package.json', 'tsconfig.json']],
  ['rust', ['Cargo.lock', 'Cargo.toml', 'asset.ts', 'package.json', 'src/main.rs', 'tsconfig.json']],
  [
    'container',
    ['Dockerfile', 'asset.ts', 'go.mod', 'go.sum', 'main.go', 'main_test.go', 'package.json', 'tsconfig.json'],
  ],
])('a handler in %s', (language, expected) => {
  test('is a few files, and its types are right', async () => {
    const { files } = await generate({ name: 'order-report', language });
    expect(filesIn(files)).toEqual(expected);
    await bed.checkTypes(ROOT);
  });

  test('is made once', async () => {
    await generate({ name: 'order-report', language });
    const { files, said } = await generate({ name: 'order-report', language });
    expect(files).toEqual([]);
    expect(said).toContain(`nothing to do: ${ROOT} is a handler in`);
  });

  test('leaves one in another language alone', async () => {
    await generate({ name: 'order-report', language: language === 'rust' ? 'python' : 'rust' });
    await expect(generate({ name: 'order-report', language })).rejects.toMatchObject({ code: 'AlreadyThere' });
  });

  test('has an asset that a stack can deploy', async () => {
    await generate({ name: 'order-report', language });
    const file = bed.workspace.path(ROOT, language === 'typescript' ? 'src/asset.ts' : 'asset.ts');
    const { orderReport } = (await import(file)) as { orderReport: object };
    expect(orderReport).toMatchObject({
      project: 'order-report',
      code: bed.workspace.path(ROOT, 'dist'),
      environment: [],
    });
  });
});

test('a handler in TypeScript has tests that pass', async () => {
  await generate({ name: 'order-report', language: 'typescript' });
  expect(await bed.test(ROOT)).toEqual({ passed: 2, failed: 0 });
});

describe('what a compiled handler depends on is what the handlers of this repository do', () => {
  const HANDLERS = join(import.meta.dirname, '../../../../../libs/handlers');
  const ours = (file: string) => readFileSync(join(HANDLERS, file), 'utf8');
  const generated = (file: string) => bed.read(`${ROOT}/${file}`);

  test('in Go', async () => {
    await generate({ name: 'order-report', language: 'go' });
    const unnamed = (text: string) => text.replace(/^module .*/, '');
    expect(unnamed(generated('go.mod'))).toBe(unnamed(ours('shipping-quote-go/go.mod')));
    expect(generated('go.sum')).toBe(ours('shipping-quote-go/go.sum'));
  });

  test('in Rust', async () => {
    await generate({ name: 'order-report', language: 'rust' });
    const lines = (text: string) => text.match(/^(edition|rust-version|lambda_runtime|tokio) = .*/gm);
    expect(lines(generated('Cargo.toml'))).toHaveLength(4);
    expect(lines(generated('Cargo.toml'))).toEqual(lines(ours('shipping-quote-rust/Cargo.toml')));
    const locked = (text: string) => text.match(/(?<=^name = )".*"\nversion = ".*"/gm) ?? [];
    const known: readonly string[] = locked(ours('shipping-quote-rust/Cargo.lock'));
    expect(locked(generated('Cargo.lock')).filter((one) => !known.includes(one))).toEqual([
      '"order-report"\nversion = "0.0.0"',
    ]);
  });
});

describe('a handler in Rust', () => {
  test('is a crate of its name, unless one that it depends on has it', async () => {
    await generate({ name: 'order-report', language: 'rust' });
    await generate({ name: 'http', language: 'rust' });
    expect(bed.read(`${ROOT}/Cargo.toml`)).toContain('name = "order-report"');
    expect(bed.read(`${ROOT}/Cargo.lock`)).toContain('name = "order-report"\nversion = "0.0.0"');
    expect(bed.read('libs/handlers/http/Cargo.toml')).toContain('name = "http-handler"');
    expect(bed.read('libs/handlers/http/Cargo.lock')).toContain('name = "http-handler"\nversion = "0.0.0"');
  });
});

describe('a handler in Python', () => {
  test('is built for the architecture of the workspace', async () => {
    bed.workspace.write('nx.json', { plugins: [{ plugin: 'nx-cdk/plugin', options: { architecture: 'x86_64' } }] });
    await generate({ name: 'order-report', language: 'python' });
    expect(bed.json(`${ROOT}/package.json`)).toMatchObject({
      nx: { targets: { build: { options: { runtime: 'python3.13', architecture: 'x86_64' } } } },
    });
  });
});

describe('the next steps', () => {
  const lines = (said: string) => said.split('\n').map((line) => line.trim());
  const app = (name: string, manifest: object = { name }) => {
    bed.workspace.write(`apps/${name}/cdk.json`, { app: 'node src/main.ts' });
    bed.workspace.write(`apps/${name}/package.json`, manifest);
  };

  test('test it, build it, and use it with three lines in the only app, which depends on it', async () => {
    app('infra');
    const { said } = await generate({ name: 'order-report', language: 'go' });
    expect(lines(said)).toEqual([
      '',
      'Next:',
      '1. npx nx test order-report',
      '2. npx nx build order-report',
      '3. in a stack of infra:',
      '',
      "import { orderReport } from '@handlers/order-report';",
      "import { HandlerFunction } from '@nx-cdk/constructs';",
      "new HandlerFunction(this, 'OrderReport', { asset: orderReport, environment: {} });",
    ]);
    expect(bed.json('apps/infra/package.json')).toMatchObject({ dependencies: { '@handlers/order-report': '*' } });
    expect(bed.json(`${ROOT}/package.json`)).toMatchObject({ description: 'Lambda function: order report, in Go' });
  });

  test('leave an app in order: what it depends on stands before what Nx is told, and has each handler once', async () => {
    app('infra', { name: 'infra', nx: {} });
    await generate({ name: 'order-report', language: 'go' });
    await generate({ name: 'order-mail', language: 'python' });
    await generate({ name: 'order-mail', language: 'python' });
    expect(Object.keys(bed.json('apps/infra/package.json'))).toEqual(['name', 'dependencies', 'nx']);
    expect(bed.json('apps/infra/package.json')).toMatchObject({
      dependencies: { '@handlers/order-report': '*', '@handlers/order-mail': '*' },
    });
  });

  test('leave it open which app uses it if there are several, unless one is named', async () => {
    app('infra');
    app('shop');
    expect((await generate({ name: 'order-report', language: 'go' })).said).toContain('in a stack of the app that');
    expect(bed.json('apps/shop/package.json')).toEqual({ name: 'shop' });
    expect((await generate({ name: 'order-mail', language: 'go', project: 'shop' })).said).toContain(
      'in a stack of shop',
    );
    expect(bed.json('apps/shop/package.json')).toMatchObject({ dependencies: { '@handlers/order-mail': '*' } });
  });

  test('are told in the words of pnpm, which links what is named as part of the workspace', async () => {
    bed.workspace.write('pnpm-workspace.yaml', 'packages:\n  - apps/*\n  - libs/handlers/*\n');
    bed.workspace.write('pnpm-lock.yaml', '');
    app('infra');
    const { said } = await generate({ name: 'order-report', language: 'go' });
    expect(said).toContain('pnpm exec nx test order-report');
    expect(bed.json('apps/infra/package.json')).toMatchObject({
      dependencies: { '@handlers/order-report': 'workspace:*' },
    });
  });

  test('import the file where nothing is linked', async () => {
    bed.workspace.write('package.json', { name: 'acme' });
    app('infra');
    const { said } = await generate({ name: 'order-report', language: 'typescript' });
    expect(said).toContain("from '../../../handlers/order-report/src/asset.ts'");
    expect(bed.json('apps/infra/package.json')).toEqual({ name: 'infra' });
    expect(bed.json('handlers/order-report/project.json')).toMatchObject({ name: 'order-report' });
  });

  test('are none for a project that is no app', async () => {
    app('infra');
    await expect(generate({ name: 'order-report', language: 'go', project: 'web' })).rejects.toThrow('there is infra');
  });
});
