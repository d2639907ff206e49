import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import { type HandlerOptions, readHandler } from './handler.ts';
import { inferHandlerTargets } from './infer-handler-targets.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const GO = 'module quote\n\ngo 1.26\n\nrequire github.com/aws/aws-lambda-go v1.55.1\n';
const RUST = '[package]\nname = "quote"\n\n[dependencies]\nlambda_runtime = { version = "=1.5.0" }\n';

describe.each([
  ['go', 'go.mod', GO],
  ['rust', 'Cargo.toml', RUST],
])('a handler in %s', (language, manifest, text) => {
  test('is built, tested and vetted by what its manifest says, and nothing else', () => {
    const targets = infer(manifest, text)!;
    expect(Object.keys(targets)).toEqual(['build', 'test', 'vet']);
    expect(Object.values(targets).map(({ cache }) => cache)).toEqual([true, true, true]);
    expect(targets['build']).toMatchObject({
      executor: 'nx-cdk:build-handler',
      outputs: ['{projectRoot}/dist'],
      options: { language, architecture: 'arm64' },
    });
    expect(targets['test']!.metadata!.help!.command).toBe('npx nx test quote --help');
    // where npm test counts what Jest leaves there
    expect(targets['test']!.outputs).toEqual(['{projectRoot}/test-results']);
  });

  test('is built again by another compiler, but not for an edit of its tests', () => {
    expect(infer(manifest, text)!['build']!.inputs).toEqual([
      'production',
      '!{projectRoot}/**/*_test.go',
      { runtime: expect.stringMatching(new RegExp(`^node .*src/handlers/tell-toolchain\\.ts ${language}$`)) },
    ]);
  });

  test('is tested again for an edit of what it depends on, such as a contract', () => {
    expect(infer(manifest, text)!['test']!.inputs).toEqual(expect.arrayContaining(['default', '^production']));
  });
});

describe('a Dockerfile beside the manifest', () => {
  beforeEach(() => workspace.write('libs/quote/Dockerfile', 'FROM scratch\n'));

  test('makes the handler an image: it is built again where the machine comes to have a tool for that, or loses it', () => {
    const { build, test: tests } = infer('go.mod', GO)!;
    expect(build!.options).toMatchObject({ language: 'go', image: true });
    const asked = { runtime: expect.stringMatching(/^node .*src\/executors\/build-handler\/tell-image-obstacle\.ts$/) };
    expect(build!.inputs).toContainEqual(asked);
    expect(tests!.inputs).not.toContainEqual(asked);
  });

  test('is asked for by nobody else', () => {
    workspace.write('libs/other/go.mod', GO);
    const targets = targetsOf('libs/other/go.mod')!;
    expect(targets['build']!.options).not.toHaveProperty('image');
    expect(JSON.stringify(targets)).not.toContain('image-obstacle');
  });
});

test('the architecture is the plugin’s option', () => {
  const { build, test: tests } = infer('go.mod', GO, { architecture: 'x86_64' })!;
  expect(build!.options).toMatchObject({ architecture: 'x86_64' });
  // tests run on the machine itself
  expect(tests!.options).not.toHaveProperty('architecture');
});

test('the plugin’s own sources are an input where they are part of the workspace: those that compile, and no others', () => {
  const workspaceRoot = new URL('../../../../..', import.meta.url).pathname.replace(/\/$/, '');
  const facts = { ...readFacts('libs/quote/go.mod', GO)!, root: 'libs/quote' };
  const { targets } = inferHandlerTargets(facts, {}, { workspaceRoot });
  const own = targets!['build']!.inputs!.filter((input) => String(input).includes('src/handlers'));
  expect(own).toEqual([
    expect.stringMatching(/^\{workspaceRoot\}\/.*src\/handlers\/\*\*\/\*$/),
    expect.stringMatching(/^!\{workspaceRoot\}\/.*src\/handlers\/\*\*\/\*\.spec\.ts$/),
  ]);
  expect(JSON.stringify(infer('go.mod', GO))).not.toContain('{workspaceRoot}');
});

function infer(manifest: string, text: string, options: HandlerOptions = {}) {
  workspace.write(`libs/quote/${manifest}`, text);
  return targetsOf(`libs/quote/${manifest}`, options);
}

function targetsOf(file: string, options: HandlerOptions = {}) {
  return inferHandlerTargets(readFacts(file)!, options, { workspaceRoot: workspace.root }).targets;
}

function readFacts(file: string, text?: string) {
  if (text !== undefined) workspace.write(file, text);
  const context = { workspaceRoot: workspace.root, nxJsonConfiguration: { namedInputs: { production: [] } } };
  return readHandler(file, context, () => true);
}
