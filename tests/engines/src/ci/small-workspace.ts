import { appendFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesOfCheckout } from '@nx-cdk/processes';
import { CHECKOUT, cleanEnvironment, linkModules, type ProcessResult, runProcess, succeeded } from 'test-bed';

/** What a workspace with one CDK app needs of this checkout. */
const NEEDED =
  /^(package(-lock)?\.json|nx\.json|tsconfig\.base\.json|\.env|\.gitignore|\.npmrc|\.prettierrc\.json|(libs\/(constructs|environments|processes)|tools\/(nx-cdk|pipeline-walker))\/(?!.*\.spec\.ts$).*)$/;

export const CI = { account: '123456789012', region: 'eu-west-1' };
export const STAGING = { account: '111111111111', region: 'eu-west-1' };
export const PROD = { account: '222222222222', region: 'us-east-1' };

/** Where instances of pull requests go, and nothing else. */
export const SANDBOX = { account: '444444444444', region: 'eu-west-1' };

const ENVIRONMENTS = {
  ci: CI,
  pipeline: { name: 'shop' },
  environments: [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', approval: true, targets: [PROD] },
  ],
};

/**
 * A stack a target, with a revision that anybody may read, and two texts that nobody should read in a diff, which end
 * with `-not-to-be-seen`: a variable of a function and the default of a NoEcho parameter.
 */
const APP = `import { environmentsOf } from '@nx-cdk/environments';
import { App, CfnOutput, CfnParameter, Stack, Stage } from 'aws-cdk-lib';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { REVISION } from './revision.ts';

const app = new App({ analyticsReporting: false });
for (const { name, stageName, instance, targets } of environmentsOf(app).environments) {
  const stage = new Stage(app, name, { stageName });
  for (const { account, region } of targets) {
    const stack = new Stack(stage, 'Shop', { env: { account, region } });
    new CfnParameter(stack, 'Pin', { noEcho: true, default: \`default-\${REVISION}-not-to-be-seen\` });
    new StringParameter(stack, 'Revision', { parameterName: instance ? \`/shop/\${instance}/revision\` : '/shop/revision', stringValue: REVISION });
    new CfnOutput(stack, 'Url', { value: 'https://shop.example.com/' });
    new CfnOutput(stack, 'Key', { value: 'output-not-to-be-seen' });
    new Lambda(stack, 'Api', {
      code: Code.fromInline('exports.handler = async () => {}'),
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      environment: { ADDRESS: \`variable-\${REVISION}-not-to-be-seen\` },
    });
  }
}
`;

/** A workspace with one small CDK app and the plugin of this checkout, as a person has it on their machine. */
export class SmallWorkspace {
  readonly #root: string;
  readonly #home: string;

  private constructor(folder: string) {
    this.#root = join(folder, 'workspace');
    this.#home = join(folder, 'home');
  }

  /**
   * Makes it in a folder, with the checkout's node_modules.
   *
   * @param sandboxes whether there is an environment that exists many times. @default false
   */
  static async create(folder: string, { sandboxes = false } = {}): Promise<SmallWorkspace> {
    const workspace = new SmallWorkspace(folder);
    await mkdir(workspace.#home, { recursive: true });
    await copySources(workspace.#root);
    // Nx reads it in every job.
    await appendFile(join(workspace.#root, '.env'), 'CDK_VALIDATION=false\n');
    const sandbox = sandboxes ? [{ name: 'sandbox', instances: true, targets: [SANDBOX] }] : [];
    const environments = { ...ENVIRONMENTS, environments: [...ENVIRONMENTS.environments, ...sandbox] };
    await workspace.write('environments.json', `${JSON.stringify(environments, null, 2)}\n`);
    await workspace.write(
      'apps/shop/cdk.json',
      JSON.stringify({ app: 'node src/main.ts', context: { 'nx-cdk:environments': '../../environments.json' } }),
    );
    await workspace.write(
      'apps/shop/package.json',
      JSON.stringify({ name: 'shop', version: '0.0.0', private: true, type: 'module' }),
    );
    await workspace.write('apps/shop/src/main.ts', APP);
    await workspace.revise('one');
    await linkModules(workspace.#root);
    return workspace;
  }

  get root(): string {
    return this.#root;
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.#root, file)), { recursive: true });
    await writeFile(join(this.#root, file), content);
  }

  /** What the next deployment brings. */
  async revise(revision: string): Promise<void> {
    await this.write('apps/shop/src/revision.ts', `export const REVISION: string = '${revision}';\n`);
  }

  /** Runs a program here. @throws UnexpectedExit if it fails */
  async run(
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ProcessResult> {
    const env = { ...cleanEnvironment(this.#root, this.#home), ...environment };
    return succeeded(await runProcess(command, args, { cwd: this.#root, env }));
  }

  async git(...args: string[]): Promise<string> {
    const identity = ['-c', 'user.name=person', '-c', 'user.email=person@example.com'];
    return (await this.run('git', [...identity, ...args])).stdout.trim();
  }

  /** Commits everything; returns the commit. */
  async commit(message: string): Promise<string> {
    await this.git('add', '-A');
    await this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.#root, path), { recursive: true });
  }
}

async function copySources(target: string): Promise<void> {
  for (const file of (await filesOfCheckout(CHECKOUT)).filter((path) => NEEDED.test(path))) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(CHECKOUT, file), join(target, file));
  }
}
