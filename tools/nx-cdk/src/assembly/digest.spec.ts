import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { canonicalize } from './canonicalize.ts';
import { assemblyDigest } from './digest.ts';

/** An app with a nested stage, a folder asset, a tag, and whatever comes between. */
const app = (between = '') => `
import { App, CfnResource, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
${between}
const app = new App({ context: { 'aws:cdk:enable-path-metadata': true } });
const stack = new Stack(new Stage(app, 'staging'), 'Data');
new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { DelaySeconds: Number(process.env.DELAY ?? 1) } });
new Asset(stack, 'Files', { path: new URL('files', import.meta.url).pathname });
Tags.of(stack).add('team', process.env.TEAM ?? 'orders');
app.synth();
`;

let workspace: TemporaryWorkspace;
let assembly: string;
let digest: string;
let copies = 0;
beforeAll(async () => {
  workspace = temporaryWorkspace({
    'app/app.mjs': app(),
    'app/files/a.txt': 'a',
    'app/files/notes.lock': 'a file of the asset',
  });
  assembly = await synth('first');
  digest = await assemblyDigest(assembly);
}, 60_000);
afterAll(() => workspace.dispose());

/** Synthesizes in a folder of its own, as another machine would. */
async function synth(name: string, environment: Record<string, string> = {}): Promise<string> {
  cpSync(workspace.path('app'), workspace.path(name), { recursive: true });
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    const output = await workspace.synth(`${name}/app.mjs`);
    canonicalize(output, workspace.path(name));
    return output;
  } finally {
    process.env = before;
  }
}

/** A copy of the assembly in which something is different. */
async function digestWith(change: (folder: string) => void): Promise<string> {
  const copy = workspace.path(`copy-${(copies += 1)}`);
  cpSync(assembly, copy, { recursive: true });
  change(copy);
  return assemblyDigest(copy);
}

describe('the digest of an assembly', () => {
  test('is a SHA-256, and the same for the same app synthesized somewhere else', async () => {
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await assemblyDigest(await synth('second'))).toBe(digest);
  }, 60_000);

  test('is the same after an edit that only moves the lines of the source', async () => {
    const before = readFileSync(workspace.path('app/app.mjs'), 'utf8');
    workspace.write('app/app.mjs', app('// A comment.\n// And another.'));
    try {
      expect(await assemblyDigest(await synth('third'))).toBe(digest);
    } finally {
      workspace.write('app/app.mjs', before);
    }
  }, 60_000);

  test.each([
    ['template', { DELAY: '2' }],
    ['tag', { TEAM: 'payments' }],
  ])(
    'is another one for a changed %s',
    async (what, environment) => {
      expect(await assemblyDigest(await synth(what, environment))).not.toBe(digest);
    },
    60_000,
  );

  test.each([
    ['an asset has another content', (folder: string) => writeFileSync(join(asset(folder), 'a.txt'), 'b')],
    [
      'a file of an asset has another name',
      (folder: string) => cpSync(join(asset(folder), 'a.txt'), join(asset(folder), 'b.txt')),
    ],
    [
      'a file of an asset that is called like a lock differs',
      (folder: string) => writeFileSync(join(asset(folder), 'notes.lock'), 'x'),
    ],
    [
      'a file was added to an asset, empty as it is',
      (folder: string) => writeFileSync(join(asset(folder), 'empty'), ''),
    ],
  ])('is another one where %s', async (_, change) => {
    expect(await digestWith(change)).not.toBe(digest);
  });

  test('does not see what the stock tools leave behind', async () => {
    const same = await digestWith((folder) => {
      mkdirSync(join(folder, '.cache'));
      writeFileSync(join(folder, '.cache', 'x.zip'), 'x');
      writeFileSync(join(folder, 'read.1.1.lock'), '');
      writeFileSync(join(folder, 'assembly-staging', 'synth.lock'), '');
      writeFileSync(join(folder, 'tree.json'), '{}');
    });
    expect(same).toBe(digest);
  });

  test('is none where there is no assembly', async () => {
    await expect(assemblyDigest(workspace.path('nowhere'))).rejects.toMatchObject({
      code: 'NoAssembly',
      message: expect.stringContaining('nowhere holds no cloud assembly: synthesize first'),
    });
  });
});

/** The folder of the asset; its name is a hash. */
function asset(folder: string): string {
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('asset.'))!,
  );
}
