import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createAws } from '../aws/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { readReleaseManifest } from '../release/index.ts';
import { type SynthRequest, synthesize } from './synthesize.ts';

/** A small app that says what it was told; the marker file decides whether it fails. */
const APP = `
import { existsSync } from 'node:fs';
import { Annotations, App, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
if (existsSync('fail')) throw new Error('the table has no key');
const app = new App();
const env = { account: '111111111111', region: 'eu-west-1' };
const stack = new Stack(app, 'Data', { env, description: [app.node.tryGetContext('stage'), app.node.tryGetContext('homely'), existsSync('built')].join() });
new Queue(stack, 'Queue');
// The app's own folder is an asset of it, as in many small apps.
new Asset(stack, 'Self', { path: '.', exclude: ['cdk.out', 'fail', 'warn', 'lookup'] });
if (existsSync('warn')) Annotations.of(stack).addWarningV2('shop:old', 'this runtime is old');
if (existsSync('lookup')) stack.availabilityZones;
app.synth();
`;

let workspace: TemporaryWorkspace;
let events: ProgressEvent[];

beforeEach(() => {
  events = [];
  workspace = temporaryWorkspace({
    'apps/shop/app.mjs': APP,
    'apps/shop/cdk.json': { app: 'node app.mjs', context: { stage: 'of cdk.json' } },
  });
});
afterEach(() => workspace.dispose());

describe('synthesizing an app', () => {
  test('leaves a canonical assembly in place of the old one, and nothing else', async () => {
    // given an assembly with a file of an earlier time, and what a killed synthesis left
    workspace.write('apps/shop/cdk.out/stale.template.json', {});
    workspace.write('apps/shop/cdk.out/named-otherwise', '');
    workspace.write('apps/shop/cdk.out/manifest.json', { files: ['named-otherwise'] });
    workspace.write('apps/shop/cdk.out/.new-1/half', 'half');
    // and somebody whose own settings must not matter
    workspace.write('home/.cdk.json', { context: { homely: 'from home', stage: 'from home' } });
    const home = process.env['HOME'];
    process.env['HOME'] = workspace.path('home');
    try {
      // when
      const assembly = await synth();

      // then
      expect(assembly.directory).toBe(workspace.path('apps/shop/cdk.out'));
      expect(assembly.stacks.map(({ id }) => id)).toEqual(['Data']);
      expect(description()).toBe('of cdk.json,,false');
      const files = readdirSync(assembly.directory, { recursive: true }).map(String);
      expect(files.filter((file) => /stale|half|named-otherwise|\.lock$|\.new-/.test(file))).toEqual([]);
      expect(readFileSync(`${assembly.directory}/manifest.json`, 'utf8')).not.toContain(workspace.root);
      expect(readdirSync(workspace.path('apps/shop')).toSorted()).toEqual(['app.mjs', 'cdk.json', 'cdk.out']);

      // when it is done again, with the assembly of the first time in the folder that is an asset
      // and though the app has left a file of its own there
      const hash = assembly.files.map(({ assetId }) => assetId);
      workspace.write('apps/shop/cdk.out/diagram.png', '');
      // then
      expect((await synth()).files.map(({ assetId }) => assetId)).toEqual(hash);
    } finally {
      if (home === undefined) delete process.env['HOME'];
      else process.env['HOME'] = home;
    }
  });

  test('keeps assets that are called like locks', async () => {
    // given
    workspace.write(
      'apps/shop/app.mjs',
      APP.replace('app.synth()', "new Asset(stack, 'Lock', { path: 'yarn.lock' });\n$&"),
    );
    workspace.write('apps/shop/yarn.lock', 'pinned');

    // when
    const { files, directory } = await synth();

    // then
    const sources = files.map(({ source }) => source.path!);
    expect(sources).toContainEqual(expect.stringMatching(/asset\.[0-9a-f]{64}\.lock$/));
    for (const path of sources) expect(existsSync(path)).toBe(true);
    const self = sources.find((path) => existsSync(`${path}/app.mjs`));
    expect(readFileSync(`${self}/yarn.lock`, 'utf8')).toBe('pinned');
    expect(readdirSync(directory).filter((name) => /^(synth|read\.)/.test(name))).toEqual([]);
  });

  test('that fails leaves the old assembly as it was, and says what the app said', async () => {
    // given
    workspace.write('apps/shop/cdk.out/manifest.json', { version: '36.0.0', artifacts: {} });
    workspace.write('apps/shop/fail', '');
    // then
    await expect(synth()).rejects.toMatchObject({
      code: 'Synth',
      message: expect.stringContaining(`The CDK app in ${workspace.path('apps/shop')} failed`),
    });
    expect(messages()).toContain('the table has no key');
    expect(readdirSync(workspace.path('apps/shop/cdk.out'))).toEqual(['manifest.json']);

    // and if there was none, there is none afterwards
    workspace.write('apps/other/cdk.json', { app: 'exit 3' });
    await expect(synth({ projectRoot: workspace.path('apps/other') })).rejects.toMatchObject({ code: 'Synth' });
    expect(existsSync(workspace.path('apps/other/cdk.out'))).toBe(false);
  });

  test('takes context of the caller over that of cdk.json, runs "build" first, and writes where it is told', async () => {
    workspace.write('apps/shop/cdk.json', { app: 'node app.mjs', build: 'touch built', context: { stage: 'x' } });
    workspace.write('apps/shop/warn', '');
    const assembly = await synth({ context: { stage: 'given' }, output: '../../dist/shop' });
    expect(assembly.directory).toBe(workspace.path('dist/shop'));
    expect(description('dist/shop')).toBe('given,,true');
    // and a warning is told, and no more than that
    expect(messages('warning')).toContain('this runtime is old');
  });

  test.each([
    [
      'holds anything else',
      '../../dist',
      /would replace .*dist, which holds app\.js: that is no file of a cloud assembly/,
    ],
    ['is the folder of the app', '.', /would replace .*shop, which is, or holds, the folder of the app/],
    ['holds the folder of the app', '..', /would replace .*apps, which is, or holds, the folder of the app/],
  ])('deletes nothing if its folder %s', async (_, output, sentence) => {
    // given a web app that is built into `dist`, with a manifest of another kind
    workspace.write('dist/app.js', 'the only copy');
    workspace.write('dist/manifest.json', { name: 'Shop', icons: [] });
    // then
    await expect(synth({ output })).rejects.toMatchObject({
      code: 'OutputFolder',
      message: expect.stringMatching(sentence),
    });
    expect(readFileSync(workspace.path('dist/app.js'), 'utf8')).toBe('the only copy');
    expect(readdirSync(workspace.path('dist')).toSorted()).toEqual(['app.js', 'manifest.json']);
    expect(existsSync(workspace.path('apps/shop/app.mjs'))).toBe(true);
  });

  test('two of one app at the same time leave one whole assembly', async () => {
    const made = await Promise.all([synth(), synth()]);
    expect(made.map(({ stacks }) => stacks.length)).toEqual([1, 1]);
    const files = readdirSync(workspace.path('apps/shop/cdk.out')).filter((name) => name.startsWith('.new-'));
    expect(files).toEqual([]);
    expect(readdirSync(workspace.path('apps/shop')).toSorted()).toEqual(['app.mjs', 'cdk.json', 'cdk.out']);
  });

  test('fails on warnings where it is strict', async () => {
    workspace.write('apps/shop/warn', '');
    await expect(synth({ strict: true })).rejects.toMatchObject({ code: 'Synth' });
  });

  test('names the context that is missing where lookups are not allowed', async () => {
    workspace.write('apps/shop/lookup', '');
    await expect(synth()).rejects.toMatchObject({
      code: 'MissingContext',
      message: expect.stringMatching(
        /^shop needs availability-zones of 111111111111\/eu-west-1, which its cdk\.context\.json does not have .*: run nx lookups <project> on a machine with credentials, and commit cdk\.context\.json\.$/,
      ),
    });
  });

  test('needs no lookup, and so nobody’s permission, for context that is committed', async () => {
    workspace.write('apps/shop/lookup', '');
    workspace.write('apps/shop/cdk.context.json', {
      'availability-zones:account=111111111111:region=eu-west-1': ['eu-west-1a'],
    });
    expect((await synth()).stacks).toHaveLength(1);
    expect((await synth({ lookups: true })).stacks).toHaveLength(1);
  });

  test.each([
    ['that is not there', 'no-such-plugin', /no-such-plugin/],
    ['that is none', './no-plugin.cjs', /is not a valid plug-in/],
  ])(
    'names a plugin %s, where it would be needed',
    async (_, plugin, reason) => {
      workspace.write('apps/shop/no-plugin.cjs', 'module.exports = {};');
      workspace.write('apps/shop/cdk.json', { app: 'node app.mjs', plugin });
      await expect(synth({ lookups: true })).rejects.toMatchObject({
        code: 'Plugin',
        message: expect.stringMatching(reason),
      });
      expect((await synth({ lookups: false })).stacks).toHaveLength(1);
    },
    60_000,
  );

  test.each([
    ['app', 'a compiler', { app: 'echo "app.ts(3,1): error TS2304" && exit 2' }, 'exited with error 2'],
    ['app', 'the app', { app: 'echo "app.ts(3,1): error TS2304" >&2 && exit 2' }, 'exited with error 2'],
    ['build', 'the build', { app: 'node app.mjs', build: 'echo "app.ts(3,1): error TS2304" && exit 2' }, 'exit code 2'],
  ])('that fails in its %s shows what %s said, as it is, and once', async (_, __, config, end) => {
    workspace.write('apps/shop/cdk.json', config);
    await expect(synth()).rejects.toMatchObject({ code: 'Synth', message: expect.stringContaining(end) });
    expect(['info', 'warning', 'error'].map(messages)).toEqual(['app.ts(3,1): error TS2304', '', '']);
  });

  test('that succeeds prints no error, whatever its app writes where', async () => {
    workspace.write('apps/shop/cdk.json', { app: 'node app.mjs', build: 'echo "  warned" >&2' });
    await synth();
    expect(messages('error')).toBe('');
    expect(messages('info')).toContain('  warned');
  });

  describe('whose CDK library is newer than all that is installed', () => {
    const stack = {
      type: 'aws:cloudformation:stack',
      environment: 'aws://111111111111/eu-west-1',
      properties: { templateFile: 'Data.template.json' },
    };
    const newer = (more: object) => ({ version: '999.0.0', artifacts: { Data: stack }, ...more });
    const report = { version: '999.0.0', title: 'Validation Report', pluginReports: [] };

    test('is synthesized, with a report of its validation', async () => {
      const files = { 'manifest.json': newer({}), 'Data.template.json': {}, 'validation-report.json': report };
      workspace.write('apps/shop/app.mjs', writing('process.env.CDK_OUTDIR', files));
      expect((await synth()).stacks.map(({ id }) => id)).toEqual(['Data']);
      expect(messages('error')).toBe('');
    });

    test('is refused with what to update, if it has what nobody here knows', async () => {
      const artifacts = { Data: { ...stack, dependencies: ['Set'] }, Set: { type: 'aws:cloudformation:stackset' } };
      const files = { 'manifest.json': newer({ artifacts }), 'Data.template.json': {} };
      workspace.write('apps/shop/app.mjs', writing('process.env.CDK_OUTDIR', files));
      await expect(synth()).rejects.toMatchObject({
        code: 'AssemblyTooNew',
        message: expect.stringMatching(/the artifact Set of the type aws:cloudformation:stackset.*update nx-cdk/),
      });
    });

    test('is refused with what to update, if it looks up what the toolkit does not know', async () => {
      const missing = [
        { key: 'weather', provider: 'weather', props: { account: '1'.repeat(12), region: 'eu-west-1' } },
      ];
      const files = { 'manifest.json': newer({ missing }), 'Data.template.json': {} };
      workspace.write('apps/shop/app.mjs', writing('process.env.CDK_OUTDIR', files));
      await expect(synth({ lookups: true })).rejects.toMatchObject({
        code: 'AssemblyTooNew',
        message: expect.stringMatching(/run "npm update .*@aws-cdk\/toolkit-lib @aws-cdk\/cloud-assembly-schema"/),
      });
    });
  });

  test('says where the assembly is if an app names the folder itself', async () => {
    workspace.write('apps/shop/app.mjs', writing('"own"', { 'manifest.json': { version: '36.0.0', artifacts: {} } }));
    await expect(synth()).rejects.toMatchObject({
      code: 'Synth',
      message: expect.stringMatching(
        /wrote its assembly to .*\/apps\/shop\/own, and not to the folder that CDK_OUTDIR names: leave "outdir" out/,
      ),
    });
  });

  describe('with an environment', () => {
    const before = { ...process.env };
    afterEach(() => (process.env = { ...before }));
    const ofApp = () => JSON.parse(readFileSync(workspace.path('apps/shop/env.json'), 'utf8')) as NodeJS.ProcessEnv;
    const withEnvironment = async (config: object, request: Partial<SynthRequest> = {}) => {
      const build = `node -e "fs.writeFileSync('env.json', JSON.stringify(process.env))"`;
      workspace.write('apps/shop/cdk.json', { app: 'node app.mjs', build, ...config });
      await synth(request);
      return ofApp();
    };

    test('the app gets neither credentials nor what nobody names, and it is said if it asks', async () => {
      Object.assign(process.env, {
        AWS_ACCESS_KEY_ID: 'AKIA',
        AWS_PROFILE: 'admin',
        GITHUB_TOKEN: 'ghp',
        STAGE: 'prod',
      });
      workspace.write('apps/shop/app.mjs', `${APP}\nprocess.env.STAGE;`);
      const env = await withEnvironment({});
      expect(Object.keys(env).filter((name) => /^AWS_|TOKEN|^STAGE$/.test(name))).toEqual([]);
      expect(env).toMatchObject({ PATH: expect.stringContaining(process.env['PATH']!.split(':').at(-1)!) });
      expect(messages('warning')).toContain(
        'STAGE is set, but not passed to shop: name it in "nx-cdk:passEnvironment"',
      );
    });

    test.each([
      ['cdk.json names in a list', { context: { 'nx-cdk:passEnvironment': ['STA*'] } }, {}],
      ['a command of cdk.json names', { app: 'node app.mjs $STAGE' }, {}],
      ['the request names', {}, { passEnvironment: ['STAGE'] }],
    ])('the app gets what %s', async (_, config, request) => {
      process.env['STAGE'] = 'prod';
      expect(await withEnvironment(config, request)).toMatchObject({ STAGE: 'prod' });
      expect(messages('warning')).toBe('');
    });

    test('the app gets a default region, and an account if somebody has credentials', async () => {
      for (const name of Object.keys(process.env)) if (/^(AWS|CDK_DEFAULT)_/.test(name)) delete process.env[name];
      process.env['HOME'] = workspace.path('home');
      const env = await withEnvironment({}, { resolveDefaults: true });
      expect(env).toMatchObject({ CDK_DEFAULT_REGION: 'eu-west-1' });
      expect(env).not.toHaveProperty('CDK_DEFAULT_ACCOUNT');
    });
  });

  test('says that there is no app to run', async () => {
    workspace.write('apps/shop/cdk.json', {});
    await expect(synth()).rejects.toMatchObject({ code: 'CdkJson', message: expect.stringContaining('has no "app"') });
  });
});

/** Synthesizes without a way to AWS: whoever asks it for anything fails the test. */
async function synth(request: Partial<SynthRequest> = {}) {
  const listener = (event: ProgressEvent) => void events.push(event);
  const aws = createAws({ listener, environment: { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });
  try {
    const projectRoot = workspace.path('apps/shop');
    const { assembly, release } = await synthesize(
      { workspaceRoot: workspace.root, projectRoot, lookups: false, ...request },
      { aws, listener },
    );
    expect(await readReleaseManifest(assembly.directory)).toEqual(release);
    return assembly;
  } finally {
    aws.destroy();
    expect(events.filter(({ type }) => type === 'aws-call')).toEqual([]);
  }
}

/** An app without CDK that writes a manifest. */
function writing(folder: string, files: Readonly<Record<string, object>>): string {
  const write = ([name, content]: [string, object]) =>
    `writeFileSync(${folder} + '/${name}', '${JSON.stringify(content)}');`;
  return `import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync(${folder}, { recursive: true });
${Object.entries(files).map(write).join('\n')}`;
}

function description(output = 'apps/shop/cdk.out'): string {
  return JSON.parse(readFileSync(workspace.path(output, 'Data.template.json'), 'utf8')).Description;
}

function messages(level?: string): string {
  return events
    .flatMap((event) =>
      event.type === 'message' && (level === undefined || event.level === level) ? [event.text] : [],
    )
    .join('\n');
}
