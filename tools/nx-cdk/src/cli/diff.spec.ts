import { mkdirSync, readFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { runCli } from './run.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => {
  workspace = temporaryWorkspace({ 'nx.json': {} });
});
afterEach(() => workspace.dispose());

/** Compares what is in the folder `assemblies`. */
async function diff(...options: readonly string[]) {
  const said: string[] = [];
  const code = await runCli(['diff', '--folder=assemblies', '--reports=reports', ...options], {
    folder: workspace.root,
    print: (line) => void said.push(line),
    explain: (line) => void said.push(line),
  });
  return { code, said: said.join('\n'), outcome: readFileSync(workspace.path('reports/outcome'), 'utf8') };
}

test('a change that affects no project is compared completely', async () => {
  mkdirSync(workspace.path('assemblies'));
  expect(await diff('--role=shop-github-diff')).toEqual({ code: 0, said: '', outcome: 'complete\n' });
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

test.each([
  ['lookupRole', { lookupRole: { arn: 'arn:aws:iam::111111111111:role/admin' } }, 'lookupRole.arn'],
  ['deploy role', { assumeRoleArn: 'arn:aws:iam::111111111111:role/admin' }, 'assumeRoleArn'],
])('a %s that no bootstrap makes is refused, before AWS is asked anything', async (_, roles, field) => {
  const properties = { templateFile: 'Data.template.json', ...roles };
  const Data = { type: 'aws:cloudformation:stack', environment: 'aws://111111111111/eu-west-1', properties };
  workspace.write('assemblies/shop/manifest.json', { version: '36.0.0', artifacts: { Data } });
  workspace.write('assemblies/shop/Data.template.json', { Resources: {} });
  const { code, said, outcome } = await diff();
  expect({ code, outcome }).toEqual({ code: 1, outcome: 'failed\n' });
  expect(said).toMatch(`error: Data: ${field} in `);
  expect(said).toMatch(
    /manifest\.json is arn:aws:iam::111111111111:role\/admin, which is no (lookup|deploy) role of 111/,
  );
});
