import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { FEATURE_FLAGS } from '../testing/feature-flags.ts';

// A run is a process that loads CDK; on a busy machine that takes longer than a test may by default.
jest.setTimeout(60_000);

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pipeline-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the app as the CDK CLI does: a process that gets its context and output folder by environment variables. */
function synth(environments: unknown, output = 'cdk.out', variables: Record<string, string> = {}) {
  const file = join(folder, 'environments.json');
  writeFileSync(file, JSON.stringify(environments));
  writeFileSync(join(folder, 'nx.json'), '{}');
  writeFileSync(join(folder, 'package.json'), '{ "name": "delivery" }');
  const outdir = join(folder, output);
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'testing/pipeline-app.ts')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...FEATURE_FLAGS, 'nx-cdk:pipeline': file }),
      ...variables,
    },
  });
  return { status, stderr, template: () => readFileSync(join(outdir, 'Pipeline.template.json'), 'utf8'), file };
}

const QUICK = { CDK_VALIDATION: 'false' };
const ci = { account: '123456789012', region: 'eu-west-1' };
const environments = [{ name: 'prod', approval: true, targets: [{ account: '222222222222', region: 'us-east-1' }] }];
const source = {
  type: 'connection',
  repository: 'example/shop',
  connection: 'arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000000',
};

describe('an app with a pipeline', () => {
  test('makes a pipeline that the schemas of CloudFormation accept', () => {
    const { status, stderr, template } = synth({ ci, pipeline: { source }, environments });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(template()).toContain('AWS::CodePipeline::Pipeline');
  });

  test('gives the same bytes into another folder, under another user, in another time zone', () => {
    const file = { ci, pipeline: { source }, environments };
    const one = synth(file, 'one', { ...QUICK, HOME: '/nowhere', USER: 'one', TZ: 'UTC' });
    const two = synth(file, 'two', { ...QUICK, HOME: folder, USER: 'two', TZ: 'Asia/Tokyo' });

    expect([one.status, two.status]).toEqual([0, 0]);
    expect(two.template()).toBe(one.template());
  });

  test('given no source, it says in one sentence which field of which file is missing', () => {
    const { status, stderr, file } = synth({ ci, environments });

    expect(status).toBe(1);
    expect(stderr).toContain(`${file} has no field "pipeline.source"`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    [
      'a wrong field',
      { ci, pipeline: { source: { ...source, connection: 'x' } }, environments },
      'pipeline.source.connection is "x"',
    ],
    ['a name too long for IAM', { ci, pipeline: { name: 'a'.repeat(30), source }, environments }, 'IAM allows 64'],
  ])('given %s, it says so in one sentence', (_, file, words) => {
    const { status, stderr } = synth(file, 'cdk.out', QUICK);

    expect(status).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
