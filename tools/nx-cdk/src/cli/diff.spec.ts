import { mkdirSync, readFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { runCli } from './run.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => {
  workspace = temporaryWorkspace({ 'nx.json': {} });
});
afterEach(() => workspace.dispose());

/** Compares what is in the folder `assemblies`. */
async function diff() {
  const said: string[] = [];
  const code = await runCli(['diff', '--folder=assemblies', '--role=shop-github-diff', '--reports=reports'], {
    folder: workspace.root,
    print: (line) => void said.push(line),
    explain: (line) => void said.push(line),
  });
  return { code, said: said.join('\n'), outcome: readFileSync(workspace.path('reports/outcome'), 'utf8') };
}

test('a change that affects no project is compared completely', async () => {
  mkdirSync(workspace.path('assemblies'));
  expect(await diff()).toEqual({ code: 0, said: '', outcome: 'complete\n' });
});

test.each(['..shop', 'a\n::error::b', 'shop.json'])(
  'a project called %j is none, and nothing is written for it',
  async (name) => {
    workspace.write(`assemblies/${name}/manifest.json`, { version: '36.0.0' });
    const { code, said, outcome } = await diff();
    expect({ code, outcome }).toEqual({ code: 1, outcome: 'failed\n' });
    expect(said).toMatch(
      /^error: "[^\n]+" in \S+assemblies is not what nx-cdk hand-over calls the folder of a project/,
    );
  },
);

test('a folder without an assembly is not compared', async () => {
  workspace.write('assemblies/shop/notes.txt', 'nothing');
  expect(await diff()).toMatchObject({ code: 1, said: expect.stringContaining('cloud assembly'), outcome: 'failed\n' });
});
