import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quotes-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the app as the CDK CLI does, with CDK's check of templates. */
function synth(environments: object[]) {
  const file = join(folder, 'environments.json');
  writeFileSync(file, JSON.stringify({ ci: { account: '123456789012', region: 'eu-west-1' }, environments }));
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context: object };
  const { status, stderr } = spawnSync(process.execPath, ['src/main.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'nx-cdk:environments': file }),
    },
  });
  return { status, stderr };
}

test('has a stage for each environment', () => {
  const environments = ['staging', 'prod'].map((name) => ({
    name,
    targets: [{ account: '111111111111', region: 'eu-west-1' }],
  }));

  expect(synth(environments)).toMatchObject({ status: 0 });

  for (const { name } of environments) expect(existsSync(join(folder, `assembly-${name}`))).toBe(true);
});

test('given a wrong environments.json, it says which field in one sentence', () => {
  const { status, stderr } = synth([{ name: 'staging', targets: [{ account: '1', region: 'eu-west-1' }] }]);

  expect(status).toBe(1);
  expect(stderr).toContain('environments[0].targets[0].account is "1"');
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
