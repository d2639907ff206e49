import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { readArchitecture } from './architecture.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

test.each([
  ['x86_64', 'amd64', 'x86_64-unknown-linux-gnu'],
  ['arm64', 'arm64', 'aarch64-unknown-linux-gnu'],
])('%s is %s to Go and %s to Rust', async (architecture, go, rust) => {
  workspace.write('architecture.json', { architecture });
  expect(await readArchitecture(workspace.path('architecture.json'))).toMatchObject({ name: architecture, go, rust });
});

test.each([
  ['names an architecture that Lambda has not', '{ "architecture": "riscv64" }'],
  ['has no such field', '{}'],
  ['is null', 'null'],
  ['is no JSON', 'x86_64'],
  ['is missing', undefined],
])('a file that %s is refused, with what to write into it', async (_, text) => {
  if (text !== undefined) workspace.write('architecture.json', text);
  await expect(readArchitecture(workspace.path('architecture.json'))).rejects.toMatchObject({
    code: 'NoArchitecture',
    message: expect.stringMatching(/architecture\.json does not say .* write \{ "architecture": "x86_64" \}/),
  });
});
