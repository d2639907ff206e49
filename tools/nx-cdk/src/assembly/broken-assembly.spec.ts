import { Failure } from '../failure/index.ts';
import { temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { readAssembly } from './read-assembly.ts';

const STACK = {
  type: 'aws:cloudformation:stack',
  environment: 'aws://111111111111/eu-west-1',
  properties: { templateFile: 'Data.template.json' },
};
const ASSETS = { type: 'cdk:asset-manifest', properties: { file: 'Data.assets.json' } };
const manifest = (artifacts: object, version = '36.0.0') => ({ version, artifacts });

/** A stack whose template is read from `s3://staging-111111111111/template.json`, and what an asset there is made of. */
const claimed = (source: object, bucketName = 'staging-${AWS::AccountId}') => ({
  'manifest.json': manifest({
    Data: {
      ...STACK,
      properties: { ...STACK.properties, stackTemplateAssetObjectUrl: 's3://staging-111111111111/template.json' },
      dependencies: ['Data.assets'],
    },
    'Data.assets': ASSETS,
  }),
  'Data.template.json': '{}',
  'evil.json': '{"Resources":{"Admin":{"Type":"AWS::IAM::Role"}}}',
  'copy.json': '{}',
  'Data.assets.json': {
    version: '36.0.0',
    files: { abc: { source, destinations: { b: { bucketName, objectKey: 'template.json' } } } },
  },
});

/** What is on the disk, what it is called, and the file and fact that the sentence has to name. */
const CASES: readonly (readonly [string, Record<string, string | object>, string, RegExp])[] = [
  ['an empty folder', {}, 'NoAssembly', /holds no cloud assembly: synthesize first/],
  [
    'half a manifest',
    { 'manifest.json': '{"version":' },
    'BrokenAssembly',
    /\/manifest\.json cannot be understood: .*JSON/,
  ],
  ['a manifest that is a list', { 'manifest.json': '[]' }, 'BrokenAssembly', /\/manifest\.json cannot be understood/],
  [
    'a manifest of another shape',
    { 'manifest.json': manifest({ Data: { ...STACK, dependencies: 'none' } }) },
    'BrokenAssembly',
    /\/manifest\.json cannot be understood: .*dependencies/,
  ],
  [
    'a manifest of no version',
    { 'manifest.json': manifest({}, 'latest') },
    'BrokenAssembly',
    /\/manifest\.json cannot be understood: its version is "latest"/,
  ],
  [
    'a stage without its folder',
    {
      'manifest.json': manifest({
        'assembly-prod': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-prod' } },
      }),
    },
    'BrokenAssembly',
    /\/assembly-prod\/manifest\.json is missing, although the assembly names it/,
  ],
  [
    'a missing asset manifest',
    { 'manifest.json': manifest({ Data: { ...STACK, dependencies: ['Data.assets'] }, 'Data.assets': ASSETS }) },
    'BrokenAssembly',
    /\/Data\.assets\.json is missing, although the assembly names it: synthesize again/,
  ],
  [
    'a broken asset manifest',
    {
      'manifest.json': manifest({ Data: { ...STACK, dependencies: ['Data.assets'] }, 'Data.assets': ASSETS }),
      'Data.assets.json': '{"version":',
    },
    'BrokenAssembly',
    /\/Data\.assets\.json cannot be understood/,
  ],
  [
    'an asset without a source',
    {
      'manifest.json': manifest({ Data: { ...STACK, dependencies: ['Data.assets'] }, 'Data.assets': ASSETS }),
      'Data.assets.json': {
        version: '36.0.0',
        files: { abc: { source: {}, destinations: { b: { bucketName: 'b', objectKey: 'k' } } } },
      },
    },
    'BrokenAssembly',
    /\/Data\.assets\.json gives asset abc neither a path nor an executable/,
  ],
  [
    'a dependency on nothing',
    { 'manifest.json': manifest({ Data: { ...STACK, dependencies: ['Gone'] } }) },
    'BrokenAssembly',
    /\/manifest\.json makes Data depend on Gone, which it does not hold/,
  ],
  [
    'two stacks of one id',
    { 'manifest.json': manifest({ One: { ...STACK, displayName: 'Data' }, Two: { ...STACK, displayName: 'Data' } }) },
    'BrokenAssembly',
    /Two stacks of the assembly are called Data/,
  ],
  [
    'a stack without template',
    { 'manifest.json': manifest({ Data: { type: 'aws:cloudformation:stack' } }) },
    'BrokenAssembly',
    /\/manifest\.json/,
  ],
  ...[
    { path: 'evil.json', packaging: 'file' },
    { path: 'Data.template.json', packaging: 'zip' },
    { executable: ['sh', '-c', 'echo Data.template.json'] },
  ].map(
    (source) =>
      [
        `a template that is published from ${JSON.stringify(source)}`,
        claimed(source),
        'BrokenAssembly',
        /^Data: asset abc \(.+\) goes to s3:\/\/staging-111111111111\/template\.json, where the template \S+ of the stack/,
      ] as const,
  ),
  [
    'an environment that is none',
    { 'manifest.json': manifest({ Data: { ...STACK, environment: '111111111111/eu-west-1' } }) },
    'BrokenAssembly',
    /\/manifest\.json gives Data the environment "111111111111\/eu-west-1", which is not aws:\/\/<account>\/<region>/,
  ],
];

describe('reading what is no good assembly', () => {
  test.each(CASES)('%s is one sentence that names the file and the next step', (_, files, code, sentence) => {
    // given
    const workspace = temporaryWorkspace(files);
    try {
      // when
      const failure = failureOf(() => readAssembly(workspace.root));

      // then
      expect(failure.code).toBe(code);
      expect(failure.message).toContain(workspace.root);
      expect(failure.message).toMatch(sentence);
      expect(failure.message).not.toContain('\n');
    } finally {
      workspace.dispose();
    }
  });
});

test('stacks with equal templates share one object', () => {
  const workspace = temporaryWorkspace(claimed({ path: 'copy.json', packaging: 'file' }));
  try {
    expect(readAssembly(workspace.root).stacks).toHaveLength(1);
  } finally {
    workspace.dispose();
  }
});

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
