import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import { listedHandlers, readHandler } from './handler.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const GO = 'module quote\n\ngo 1.26\n\nrequire github.com/aws/aws-lambda-go v1.55.1\n';
const OTHER_RUNTIME = 'module quote\n\ngo 1.26\n\nrequire example.com/our/lambda v1.0.0\n';

describe('a project in Go or Rust', () => {
  test('is no handler as long as nobody says so, whatever its manifest names', async () => {
    expect(await read({ 'go.mod': GO })).toBeUndefined();
    expect(await read({ 'go.mod': GO }, ['functions/*'])).toBeUndefined();
  });

  test.each([['services/*'], ['services/**'], ['./services/*/'], ['services/quote']])(
    'is one in a folder that the option names: %s',
    async (pattern) => {
      expect(await read({ 'go.mod': GO }, [pattern])).toMatchObject({ root: 'services/quote', language: 'go' });
    },
  );

  test.each([
    ['package.json', { name: 'quote', nx: { tags: ['nx-cdk:handler'] } }],
    ['project.json', { name: 'quote', tags: ['team:orders', 'nx-cdk:handler'] }],
  ])('is one by a tag in its %s, with a runtime library of its own as well', async (file, content) => {
    expect(await read({ 'go.mod': OTHER_RUNTIME, [file]: content })).toMatchObject({ language: 'go', name: 'quote' });
  });

  test('is a container image if there is a Dockerfile', async () => {
    expect(await read({ 'go.mod': GO }, ['services/*'])).toMatchObject({ isImage: false });
    expect(await read({ 'go.mod': GO, Dockerfile: 'FROM scratch' }, ['services/*'])).toMatchObject({ isImage: true });
  });

  test('is a CDK app, and no handler, if it has a cdk.json', async () => {
    expect(
      await read({ 'go.mod': GO, 'cdk.json': { app: 'go mod download && go run app.go' } }, ['**']),
    ).toBeUndefined();
  });
});

describe('among the folders that the option names', () => {
  test.each([
    ['a library in Go', 'go.mod', 'module shapes\n\ngo 1.26\n'],
    ['a program in Rust', 'Cargo.toml', '[package]\nname = "tool"\n\n[dependencies]\nserde = "1"\n'],
    ['a list of Rust projects', 'Cargo.toml', '[workspace]\nmembers = ["quote"]\n'],
    ['an empty manifest', 'go.mod', ''],
  ])('%s is no handler', async (_, manifest, text) => {
    expect(await read({ [manifest]: text }, ['**'])).toBeUndefined();
  });

  test.each([
    ['a list of requirements', 'go.mod', 'module quote\n\nrequire (\n\tgithub.com/aws/aws-lambda-go v1.55.1\n)\n'],
    ['a table of its own', 'Cargo.toml', '[dependencies.lambda_runtime]\nversion = "1"\n'],
  ])('the runtime library may be named in %s', async (_, manifest, text) => {
    expect(await read({ [manifest]: text }, ['**'])).toBeDefined();
  });
});

async function read(files: Readonly<Record<string, string | object>>, handlers?: readonly string[]) {
  for (const [file, content] of Object.entries(files)) workspace.write(`services/quote/${file}`, content);
  const manifest = Object.keys(files).find((file) => file === 'go.mod' || file === 'Cargo.toml')!;
  const context = { workspaceRoot: workspace.root, nxJsonConfiguration: {} };
  return readHandler(`services/quote/${manifest}`, context, await listedHandlers({ handlers }));
}
