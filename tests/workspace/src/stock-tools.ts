import { glob, readFile } from 'node:fs/promises';
import {
  CreateChangeSetCommand,
  ExecuteChangeSetCommand,
  DescribeStacksCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import type { LocalAws } from '@nx-cdk/local-aws';
import { type Place, type ProcessResult, rootClients, type ScratchWorkspace, succeeded } from 'test-bed';

/**
 * The CDK CLI and cdk-assets in the folder of an app, used as if there were no plugin.
 */
export class StockTools {
  readonly #workspace: ScratchWorkspace;
  readonly #aws: LocalAws;
  /** Folder of the app, relative to the workspace. */
  readonly #app: string;

  constructor(workspace: ScratchWorkspace, aws: LocalAws, app: string) {
    this.#workspace = workspace;
    this.#aws = aws;
    this.#app = app;
  }

  /** `cdk synth`. @throws UnexpectedExit */
  async synth(): Promise<void> {
    await this.#run('cdk', ['synth', '--quiet']);
  }

  /**
   * `cdk deploy` of an assembly that is there already. The pattern and not `--all`: if every stack is in a stage,
   * `--all` finds none ("No stack found in the main cloud assembly").
   *
   * @throws UnexpectedExit
   */
  async deploy(): Promise<ProcessResult> {
    return this.#run('cdk', ['deploy', '--app', 'cdk.out', '**', '--require-approval', 'never', '--concurrency', '4']);
  }

  /**
   * `cdk-assets publish` of every asset manifest of the assembly, nested ones included; returns how many there were.
   * @throws UnexpectedExit
   */
  async publishAssets(): Promise<number> {
    const manifests: string[] = [];
    for await (const file of glob('cdk.out/**/*.assets.json', { cwd: this.#workspace.path(this.#app) }))
      manifests.push(file);
    await Promise.all(manifests.map((path) => this.#run('cdk-assets', ['publish', '--path', path])));
    return manifests.length;
  }

  async #run(command: string, args: readonly string[]): Promise<ProcessResult> {
    return succeeded(await this.#workspace.run(command, args, this.#aws.foreignEnvironment(), this.#app));
  }
}

/**
 * Updates a stack as `aws cloudformation deploy` does: a change set from a template file, executed when it is complete.
 * Tags and parameters stay as they are.
 *
 * @param template absolute path
 * @throws Error if CloudFormation refuses, or an operation takes longer than a minute
 */
export async function deployByChangeSet(
  aws: LocalAws,
  place: Place,
  stackName: string,
  template: string,
): Promise<void> {
  const client = rootClients(aws, place).cloudFormation();
  const { Stacks: stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
  const names = { StackName: stackName, ChangeSetName: `awscli-cloudformation-package-deploy-${Date.now()}` };
  await client.send(
    new CreateChangeSetCommand({
      ...names,
      TemplateBody: await readFile(template, 'utf8'),
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
      Parameters: stacks?.[0]?.Parameters?.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true })),
      Tags: stacks?.[0]?.Tags,
    }),
  );
  const waiting = { client, maxWaitTime: 1200, minDelay: 1, maxDelay: 1 };
  await waitUntilChangeSetCreateComplete(waiting, names);
  await client.send(new ExecuteChangeSetCommand(names));
  await waitUntilStackUpdateComplete(waiting, { StackName: stackName });
}
