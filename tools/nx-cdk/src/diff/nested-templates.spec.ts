import { symlinkSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { checkNestedTemplates } from './nested-templates.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => {
  workspace = temporaryWorkspace({
    'secrets.json': { token: 'not-to-be-seen' },
    'cdk.out/manifest.json': {},
    'cdk.out/assembly-prod/leaf.json': { Resources: {} },
  });
});
afterEach(() => workspace.dispose());

/** Checks an assembly whose nested stage holds a stack with a nested one, whose template is at a path. */
function check(path: string): Promise<void> {
  const nested = { Type: 'AWS::CloudFormation::Stack', Metadata: { 'aws:asset:path': path } };
  workspace.write('cdk.out/assembly-prod/stack.json', { Resources: { Nested: nested, Broken: null } });
  return checkNestedTemplates(workspace.path('cdk.out'), [
    {
      templateFile: workspace.path('cdk.out/assembly-prod/stack.json'),
      manifestFile: workspace.path('cdk.out/assembly-prod/manifest.json'),
    },
  ]);
}

test.each(['leaf.json', '../assembly-prod/leaf.json', 'missing.json'])(
  'a nested template may be at %s',
  async (path) => {
    await expect(check(path)).resolves.toBeUndefined();
  },
);

test.each(['../../secrets.json', '../../../../../../../etc/hosts', '../../missing.json'])(
  'a nested template at %s is outside of the assembly, and is not read',
  async (path) => {
    await expect(check(path)).rejects.toMatchObject({
      code: 'OutsideAssembly',
      message: expect.stringMatching(/stack\.json names as template of Nested /),
    });
  },
);

test('a link does not lead outside either', async () => {
  symlinkSync('../../secrets.json', workspace.path('cdk.out/assembly-prod/link.json'));
  await expect(check('link.json')).rejects.toMatchObject({ code: 'OutsideAssembly' });
});

test('a template that is nested in itself would never end', async () => {
  await expect(check('stack.json')).rejects.toMatchObject({ code: 'BrokenAssembly' });
});

test('templates that name the next one many times are not read for ever', async () => {
  for (let level = 0; level < 40; level++) {
    const nested = { Type: 'AWS::CloudFormation::Stack', Metadata: { 'aws:asset:path': `${level + 1}.json` } };
    workspace.write(`cdk.out/assembly-prod/${level}.json`, { Resources: { One: nested, Other: nested } });
  }
  await expect(check('0.json')).rejects.toMatchObject({
    code: 'BrokenAssembly',
    message: expect.stringMatching(/^The template \S+stack\.json holds more than 2500 nested ones: /),
  });
});
