import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';

const root = join(import.meta.dirname, '..');
// A run is a process that loads CDK; on a busy machine that takes longer than a test may by default.
jest.setTimeout(60_000);

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'infra-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the app as the CDK CLI does: a process that gets its context and output folder by environment variables. */
function synth(environments: unknown, output = 'cdk.out', variables: Record<string, string> = {}) {
  const file = join(folder, 'environments.json');
  writeFileSync(file, JSON.stringify(environments));
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context: object };
  const outdir = join(folder, output);
  const { status, stderr } = spawnSync(process.execPath, ['src/main.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'nx-cdk:environments': file }),
      ...variables,
    },
  });
  return { status, stderr, outdir };
}

/** CDK checks templates against CloudFormation's schemas, which takes half of a run; once is enough. */
const QUICK = { CDK_VALIDATION: 'false' };
const ci = { account: '123456789012', region: 'eu-west-1' };
const STAGING = { name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] };
const PROD = { name: 'prod', approval: true, targets: [{ account: '222222222222', region: 'us-east-1' }] };

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((entry) => statSync(join(directory, entry)).isFile())
    .sort();
}

function table(outdir: string, environment: string): { DeletionPolicy?: string } {
  const [template] = files(outdir).filter((entry) =>
    new RegExp(`assembly-${environment}/.*Data.*template.json$`).test(entry),
  );
  const { Resources } = JSON.parse(readFileSync(join(outdir, template ?? ''), 'utf8'));
  return Object.values<{ Type: string }>(Resources).find(({ Type }) => Type === 'AWS::DynamoDB::GlobalTable') as object;
}

describe('the app', () => {
  test('has a stage an environment; one that needs approval keeps its data', () => {
    const { status, stderr, outdir } = synth({ ci, environments: [STAGING, PROD] });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(table(outdir, 'staging').DeletionPolicy).toBe('Delete');
    expect(table(outdir, 'prod').DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  test('gives the same bytes into another folder, under another user, in another time zone', () => {
    const environments = { ci, environments: [STAGING, PROD] };
    const one = synth(environments, 'one', { ...QUICK, HOME: '/nowhere', USER: 'one', TZ: 'UTC' });
    const two = synth(environments, 'two', { ...QUICK, HOME: folder, USER: 'two', TZ: 'Asia/Tokyo' });

    expect([one.status, two.status]).toEqual([0, 0]);
    expect(files(one.outdir)).toEqual(files(two.outdir));
    for (const file of files(one.outdir)) {
      expect(readFileSync(join(two.outdir, file)).equals(readFileSync(join(one.outdir, file)))).toBe(true);
    }
  });

  test('names the place of the checkout in nothing but the stack traces of its metadata', () => {
    const { outdir } = synth({ ci, environments: [STAGING] }, 'cdk.out', QUICK);
    const workspace = join(root, '../..');

    const naming = files(outdir).filter((file) => readFileSync(join(outdir, file), 'utf8').includes(workspace));

    expect(naming.filter((file) => !file.endsWith('.metadata.json'))).toEqual([]);
  });

  test('given a wrong environments.json, it says which field in one sentence', () => {
    const { status, stderr } = synth({
      ci,
      environments: [{ ...STAGING, targets: [{ account: '1', region: 'eu-west-1' }] }],
    });

    expect(status).toBe(1);
    expect(stderr).toContain('environments[0].targets[0].account is "1"');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
