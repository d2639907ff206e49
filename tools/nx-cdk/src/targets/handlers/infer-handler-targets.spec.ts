import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
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
      options: { language, architectureFile: 'libs/handlers/architecture/architecture.json' },
    });
    expect(targets['test']!.metadata!.help!.command).toBe('npx nx test quote --help');
    // where npm test counts what Jest leaves there
    expect(targets['test']!.outputs).toEqual(['{projectRoot}/test-results']);
  });

  test('is built again by another compiler and for another architecture, but not for an edit of its tests', () => {
    expect(infer(manifest, text)!['build']!.inputs).toEqual([
      'production',
      '!{projectRoot}/**/*_test.go',
      '{workspaceRoot}/libs/handlers/architecture/architecture.json',
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
    const context = { workspaceRoot: workspace.root, nxJsonConfiguration: {} };
    const { targets } = inferHandlerTargets('libs/other/go.mod', context, true)!;
    expect(targets!['build']!.options).not.toHaveProperty('image');
    expect(JSON.stringify(targets)).not.toContain('image-obstacle');
  });
});

test.each([
  ['a library in Go', 'go.mod', 'module shapes\n\ngo 1.26\n'],
  ['a program in Rust', 'Cargo.toml', '[package]\nname = "tool"\n\n[dependencies]\nserde = "1"\n'],
  ['a list of Rust projects', 'Cargo.toml', '[workspace]\nmembers = ["quote"]\n'],
])('%s is no handler', (_, manifest, text) => {
  expect(infer(manifest, text)).toBeUndefined();
});

test.each([
  ['a list of requirements', 'go.mod', 'module quote\n\nrequire (\n\tgithub.com/aws/aws-lambda-go v1.55.1\n)\n'],
  ['a table of its own', 'Cargo.toml', '[dependencies.lambda_runtime]\nversion = "1"\n'],
])('the runtime library may be named in %s', (_, manifest, text) => {
  expect(infer(manifest, text)).toBeDefined();
});

test('the plugin’s own sources are an input where they are part of the workspace: those that compile, and no others', () => {
  workspace.write('libs/quote/go.mod', GO);
  const context = { workspaceRoot: workspace.root, nxJsonConfiguration: {} };
  const { targets } = inferHandlerTargets('libs/quote/go.mod', context, true)!;
  const own = targets!['build']!.inputs!.filter((input) => String(input).includes('src/handlers'));
  expect(own).toEqual([
    expect.stringMatching(/^\{workspaceRoot\}\/.*src\/handlers\/\*\*\/\*$/),
    expect.stringMatching(/^!\{workspaceRoot\}\/.*src\/handlers\/\*\*\/\*\.spec\.ts$/),
  ]);
});

function infer(manifest: string, text: string) {
  workspace.write(`libs/quote/${manifest}`, text);
  const context = { workspaceRoot: workspace.root, nxJsonConfiguration: { namedInputs: { production: [] } } };
  return inferHandlerTargets(`libs/quote/${manifest}`, context, false)?.targets;
}
