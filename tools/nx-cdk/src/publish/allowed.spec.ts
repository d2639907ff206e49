import type { FileAsset, ImageAsset, ImageBuild } from '../assembly/index.ts';
import { type Allowable, requireAllowed } from './allowed.ts';

const common = { assetId: 'abc', displayName: 'Service/Image', manifestFile: 'cdk.out/Service.assets.json' };
const image = (build: Partial<ImageBuild>) =>
  ({ ...common, source: { fingerprint: 'x', build: { directory: '/app', ...build } } }) as unknown as ImageAsset;
const made = { ...common, source: { fingerprint: 'x', executable: ['sh', '-c', 'true'] } };

const check = (one: object, allowed: readonly Allowable[] = []) =>
  requireAllowed({ files: [], images: [one as ImageAsset] }, allowed);

test.each<[field: string, asset: object, word: Allowable]>([
  ['executable', made, 'executables'],
  ['dockerBuildContexts', image({ dockerBuildContexts: { home: '/home' } }), 'build-contexts'],
  ['dockerBuildSecrets', image({ dockerBuildSecrets: { key: 'env=AWS_SECRET_ACCESS_KEY' } }), 'build-secrets'],
  ['dockerBuildSsh', image({ dockerBuildSsh: 'default' }), 'build-ssh'],
  ['dockerOutputs', image({ dockerOutputs: ['type=docker', 'type=local,dest=/etc'] }), 'build-outputs'],
  ['networkMode', image({ networkMode: 'host' }), 'build-network'],
  ['cacheFrom', image({ cacheFrom: [{ type: 'local', params: { src: '/' } }] }), 'build-cache'],
  ['cacheTo', image({ cacheTo: { type: 'registry', params: { ref: 'evil.example/x' } } }), 'build-cache'],
])('%s is refused unless the workspace allows it', (field, asset, word) => {
  expect(() => check(asset)).toThrow(
    expect.objectContaining({
      code: 'NotAllowed',
      message:
        `Service/Image: cdk.out/Service.assets.json asks for "${field}", which an assembly does not decide: ` +
        `if you want it, add "${word}" to the option "allow" of the plugin in nx.json.`,
    }),
  );
  expect(() => check(asset, [word])).not.toThrow();
});

test('a file that a command makes is refused as well', () => {
  const files = [made as unknown as FileAsset];
  expect(() => requireAllowed({ files, images: [] }, [])).toThrow(expect.objectContaining({ code: 'NotAllowed' }));
});

test('what stays in the build is not asked about', () => {
  const build: Partial<ImageBuild> = {
    dockerFile: 'build.Dockerfile',
    dockerBuildArgs: { A: '1' },
    dockerBuildTarget: 'last',
    platform: 'linux/arm64',
    networkMode: 'none',
    dockerOutputs: ['type=docker'],
    cacheDisabled: true,
  };
  expect(() => check(image(build))).not.toThrow();
});
