import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CI } from 'test-bed';

/** Name of the app and of its folder; the environment for development is called `dev`. */
export const APP = 'watched';
/** What `cdk watch` builds before each synthesis, and what Nx builds of the handler. */
export const BUILD = 'esbuild handler/src/index.js --bundle --platform=node --outfile=handler/dist/index.js';
export const STACK = 'dev-Watched';
/** Both hold the first of these words; an edit is to put the next one there. */
export const HANDLER_FILE = 'handler/src/index.js';
export const STACK_FILE = 'app.js';

/**
 * An app with a handler that is a project of its own, in the folder of the app: `cdk watch` sees no other. Everything
 * goes to the CI account, since hotswaps of the CDK CLI use the caller's own credentials.
 */
export async function writeWatchedApp(workspace: string): Promise<void> {
  const app = join(workspace, 'apps', APP);
  await mkdir(join(app, 'handler', 'src'), { recursive: true });
  const write = (file: string, text: string) => writeFile(join(app, file), text);
  const json = (file: string, content: object) => write(file, JSON.stringify(content, undefined, 2));
  await json('package.json', {
    name: APP,
    version: '0.0.0',
    private: true,
    type: 'module',
    nx: { implicitDependencies: ['watched-handler'] },
  });
  await json('cdk.json', {
    app: 'node app.js',
    versionReporting: false,
    watch: { include: [STACK_FILE, HANDLER_FILE] },
    context: { 'nx-cdk:environments': '../../environments.json' },
  });
  await json('handler/package.json', {
    name: 'watched-handler',
    version: '0.0.0',
    private: true,
    type: 'commonjs',
    scripts: { build: BUILD.replaceAll('handler/', '') },
  });
  // The folder is none of the workspace's packages.
  const options = { script: 'build' };
  const build = { executor: 'nx:run-script', options, cache: true, outputs: ['{projectRoot}/dist'] };
  await json('handler/project.json', { name: 'watched-handler', targets: { build } });
  await write(HANDLER_FILE, `exports.handler = async () => 'word-0';\n`);
  await write(
    STACK_FILE,
    `import { App, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
const app = new App({ analyticsReporting: false });
const stage = new Stage(app, 'dev');
const stack = new Stack(stage, 'Watched', { env: ${JSON.stringify(CI)} });
const code = Code.fromAsset('handler/dist');
const api = new LambdaFunction(stack, 'Api', { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
new Queue(stack, 'Queue');
new CfnOutput(stack, 'Name', { value: api.functionName });
new CfnOutput(stack, 'Word', { value: 'word-0' });
`,
  );
  await writeFile(
    join(workspace, 'environments.json'),
    JSON.stringify({ ci: CI, environments: [{ name: 'dev', development: true, targets: [CI] }] }),
  );
}

/** Puts the next word into a file. @returns the word */
export async function edit(app: string, file: string): Promise<string> {
  const path = join(app, file);
  const text = await readFile(path, 'utf8');
  const number = Number(/word-(\d+)/.exec(text)![1]) + 1;
  await writeFile(path, text.replace(/word-\d+/, `word-${number}`));
  return `word-${number}`;
}
