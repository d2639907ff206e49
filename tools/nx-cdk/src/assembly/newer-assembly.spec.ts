import { temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { readAssembly } from './read-assembly.ts';

/** A schema that is newer than the one that this room was written for, and one that is not. */
const NEWER = '999.0.0';
const KNOWN = '55.0.0';

const SOURCE = { path: 'handler', packaging: 'zip' };
const DESTINATION = { bucketName: 'staging', objectKey: 'abc.zip' };

/** What an assembly of one stack with one asset says besides, by where it says it. */
interface Said {
  readonly manifest?: object;
  readonly artifacts?: object;
  readonly artifact?: object;
  readonly stack?: object;
  readonly assets?: object;
  readonly source?: object;
  readonly destination?: object;
}

function read(said: Said, version = NEWER) {
  const files = {
    abc: { source: { ...SOURCE, ...said.source }, destinations: { b: { ...DESTINATION, ...said.destination } } },
  };
  const data = {
    type: 'aws:cloudformation:stack',
    environment: 'aws://111111111111/eu-west-1',
    properties: { templateFile: 'Data.template.json', ...said.stack },
    dependencies: ['Data.assets'],
    ...said.artifact,
  };
  const assets = { type: 'cdk:asset-manifest', properties: { file: 'Data.assets.json' } };
  const workspace = temporaryWorkspace({
    'manifest.json': { version, artifacts: { Data: data, 'Data.assets': assets, ...said.artifacts }, ...said.manifest },
    'Data.assets.json': { version, files, ...said.assets },
    'Data.template.json': '{}',
    'handler/index.js': '',
  });
  try {
    return readAssembly(workspace.root);
  } finally {
    workspace.dispose();
  }
}

describe('an assembly of a newer schema', () => {
  test('is read, if it says nothing that is not known', () => {
    const { stacks, files } = read({ manifest: { minimumCliVersion: '2.9999.0' } });
    expect(stacks.map(({ id }) => id)).toEqual(['Data']);
    expect(files.map(({ key }) => key)).toEqual(['abc.zip']);
  });

  test.each<[string, Said]>([
    ['metadata', { artifact: { metadata: { '/Data': [{ type: 'aws:cdk:whatever', data: 1 }] } } }],
    ['a report', { artifacts: { Costs: { type: 'cdk:cost-report', properties: { file: 'costs.json' } } } }],
    ['a field that is not set', { stack: { stackPolicy: null } }],
  ])('may hold %s, which no deployment acts by', (_, said) => {
    expect(read(said).stacks).toHaveLength(1);
  });

  test.each<[string, Said]>([
    [
      'the artifact Set of the type aws:cloudformation:stackset',
      { artifacts: { Set: { type: 'aws:cloudformation:stackset' } } },
    ],
    [
      'the artifact More of the type cdk:more-assets',
      { artifact: { dependencies: ['Data.assets', 'More'] }, artifacts: { More: { type: 'cdk:more-assets' } } },
    ],
    [
      'the artifact Other of the type cdk:remote-assembly',
      { artifacts: { Other: { type: 'cdk:remote-assembly', properties: { directoryName: 'other' } } } },
    ],
    ['the field hooks of Data', { artifact: { hooks: [] } }],
    ['the field stackPolicy of Data', { stack: { stackPolicy: {} } }],
    ['the field wasmModules of the manifest', { assets: { wasmModules: {} } }],
    ['the field compression of the source of asset abc', { source: { compression: 'zstd' } }],
    ['the packaging "tar" of asset abc', { source: { packaging: 'tar' } }],
    ['the field tags of a destination of asset abc', { destination: { tags: {} } }],
  ])('is refused if it holds %s, with what to update', (thing, said) => {
    expect(() => read(said)).toThrow(
      expect.objectContaining({
        code: 'AssemblyTooNew',
        message: expect.stringMatching(
          new RegExp(
            `\\.json holds ${thing}, which this version of nx-cdk does not know .*999.*: update nx-cdk \\(nx migrate`,
          ),
        ),
      }),
    );
  });
});

test('in a schema that is known, what is not known is of the app itself, and says nothing to us', () => {
  const artifacts = { Own: { type: 'acme:catalog' } };
  expect(
    read({ artifacts, artifact: { acme: 1 }, stack: { acme: 1 }, source: { acme: 1 } }, KNOWN).stacks,
  ).toHaveLength(1);
});

test('a packaging that is none in a known schema is a mistake', () => {
  expect(() => read({ source: { packaging: 'tar' } }, KNOWN)).toThrow(
    /packs asset abc as "tar", which is no packaging/,
  );
});
