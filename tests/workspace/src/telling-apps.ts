import type { ScratchWorkspace } from 'test-bed';
import { addForeignApp } from './foreign-apps.ts';

/** What the telling app saw of the machine that it ran on. */
export interface Surroundings {
  readonly now: string;
  readonly folder: string;
  readonly home: string;
  readonly user: number;
  readonly hostname: string;
  readonly processors: number;
  readonly timeZone: string;
  readonly language: string;
  readonly umask: number;
  readonly ci?: string;
  /** Names in a folder, in the order in which they were listed. */
  readonly files: readonly string[];
  /** The year in which a file was changed last. */
  readonly changed: number;
}

/** What the whimsical app put into its template. */
export interface Whim {
  readonly now: string;
  readonly chance: string;
  readonly place: string;
}

/**
 * An app that prints where it ran, outside of its assembly, and uses every part of CDK that could write a path, a time,
 * an order or a mode into the assembly: traces of warnings, also through modules in a temporary folder, as jsii has
 * them; assets of every kind, as they are and bundled; the settings in the home folder.
 */
export async function addTellingApp(workspace: ScratchWorkspace, folder: string): Promise<void> {
  await Promise.all([
    addForeignApp(workspace, folder, TELLING),
    ...['b.txt', 'a.txt', 'sub/d.txt', 'sub/c.txt'].map((file) =>
      workspace.write(`apps/${folder}/files/${file}`, file),
    ),
    workspace.write(`apps/${folder}/files/Dockerfile`, 'FROM scratch\n'),
    workspace.write(`apps/${folder}/handler.ts`, 'export const handler = async (): Promise<string> => "told";\n'),
  ]);
}

/** An app whose template follows from the moment, from chance and from its folder: what it says is its own business. */
export async function addWhimsicalApp(workspace: ScratchWorkspace, folder: string): Promise<void> {
  await addForeignApp(workspace, folder, WHIMSICAL);
}

const TELLING = `
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Asset } = require('aws-cdk-lib/aws-s3-assets');
const { DockerImageAsset } = require('aws-cdk-lib/aws-ecr-assets');
const { Queue } = require('aws-cdk-lib/aws-sqs');
const { Runtime } = require('aws-cdk-lib/aws-lambda');
const { NodejsFunction } = require('aws-cdk-lib/aws-lambda-nodejs');

const files = path.join(__dirname, 'files');
const { timeZone, locale: language } = Intl.DateTimeFormat().resolvedOptions();
const seen = {
  now: new Date().toISOString(),
  folder: __dirname,
  home: os.homedir(),
  user: process.getuid(),
  hostname: os.hostname(),
  processors: os.availableParallelism(),
  timeZone,
  language,
  umask: process.umask(),
  ci: process.env.CI,
  files: fs.readdirSync(files),
  changed: fs.statSync(path.join(__dirname, '../infra/src/main.ts')).mtime.getFullYear(),
};
fs.writeFileSync(path.join(__dirname, 'seen.json'), JSON.stringify(seen));

const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'jsii-kernel-'));
fs.writeFileSync(
  path.join(temporary, 'program.js'),
  'exports.warn = (cdk, scope) => cdk.Annotations.of(scope).addWarningV2("telling:jsii", "Told by a program that was unpacked.");',
);
const { warn } = require(path.join(temporary, 'program.js'));

const env = { account: '111111111111', region: 'eu-west-1' };
class Part extends cdk.NestedStack {
  constructor(scope) {
    super(scope, 'Part');
    new Queue(this, 'Queue');
    cdk.Annotations.of(this).addWarningV2('telling:part', 'Told by a nested stack.');
  }
}
for (const scope of [app, new cdk.Stage(app, 'stage')]) {
  const stack = new cdk.Stack(scope, 'Stack', { env });
  new Asset(stack, 'File', { path: path.join(files, 'a.txt') });
  new Asset(stack, 'Folder', { path: files });
  new DockerImageAsset(stack, 'Image', { directory: files });
  const tryBundle = (target) => {
    fs.mkdirSync(path.join(target, 'bin'));
    fs.writeFileSync(path.join(target, 'bin', 'run'), 'run', { mode: 0o777 });
    fs.writeFileSync(path.join(target, 'made'), 'made');
    return true;
  };
  const image = cdk.DockerImage.fromRegistry('nothing');
  new Asset(stack, 'Bundled', { path: files, bundling: { image, local: { tryBundle } } });
  new NodejsFunction(stack, 'Function', {
    entry: path.join(__dirname, 'handler.ts'),
    depsLockFilePath: path.join(__dirname, '../../package-lock.json'),
    runtime: Runtime.NODEJS_24_X,
    bundling: { sourceMap: true },
  });
  new Part(stack);
  new cdk.CfnOutput(stack, 'Home', { value: String(app.node.tryGetContext('home')) });
  warn(cdk, stack);
}
app.synth();
fs.rmSync(temporary, { recursive: true });
`;

const WHIMSICAL = `
const fs = require('node:fs');
const path = require('node:path');
const stack = new cdk.Stack(app, 'Whim', { env: { account: '111111111111', region: 'eu-west-1' } });
const whim = { now: new Date().toISOString(), chance: String(Math.random()), place: __filename + ':1' };
new cdk.CfnOutput(stack, 'Now', { value: whim.now });
new cdk.CfnOutput(stack, 'Chance', { value: whim.chance });
new cdk.CfnOutput(stack, 'Place', { value: whim.place });
fs.writeFileSync(path.join(__dirname, 'whim.json'), JSON.stringify(whim));
`;
