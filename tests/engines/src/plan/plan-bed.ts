import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  ListChangeSetsCommand,
} from '@aws-sdk/client-cloudformation';
import type { App } from 'aws-cdk-lib/core';
import type { Plan, PlannedStack } from 'nx-cdk/src/plan/index.ts';
import { describeRelease, writeReleaseManifest } from 'nx-cdk/src/release/index.ts';
import {
  callerWhoMayOnly,
  mayAssume,
  type NxWorkspace,
  nxWorkspace,
  openTestBed,
  type ProcessResult,
  rootClients,
  STAGING,
  startExecutors,
  type Step,
  type TestBed,
} from 'test-bed';
import { synth } from '../bed/apps.ts';

/** A local AWS, a workspace with the project `shop`, and callers that may use one role of one account. */
export interface PlanBed {
  readonly bed: TestBed;
  /** Folder of the workspace. */
  readonly root: string;
  /** For what Nx itself has to do with it. */
  readonly workspace: NxWorkspace;
  /** Root of the account, past every role. */
  readonly admin: CloudFormationClient;
  /** Credentials that may assume the deploy role, and nothing else. */
  readonly deployer: Record<string, string>;
  /** Credentials that may assume the publishing role, and nothing else. */
  readonly publisher: Record<string, string>;
  /**
   * Synthesizes an app as `nx synth` does, release manifest included; gives back the folder of its assembly for the
   * executors.
   */
  release(name: string, build: (app: App) => void): Promise<string>;
  /** Runs an executor as somebody who may publish or deploy, as it takes. */
  run(executor: string, options: object, environment?: Record<string, string>): Promise<ProcessResult>;
  /** Publishes an assembly and plans its deployment into `<name>.json` and `<name>.md`. */
  plan(name: string, assembly: string, options?: object): Promise<Planned>;
  /** Publishes and deploys an assembly without a plan. */
  ship(assembly: string, options?: object): Promise<void>;
  /** Status of each stack, and when it was last changed; undefined if there is none. */
  states(...stackNames: readonly string[]): Promise<Record<string, string | undefined>>;
  /** Change sets of a stack that were not executed. */
  changeSets(stackName: string): Promise<number>;
  close(): Promise<void>;
}

/** What `nx plan` left. */
export interface Planned extends ProcessResult {
  /** Relative to the workspace. */
  readonly file: string;
  readonly json: string;
  readonly markdown: string;
  readonly plan: Plan;
  stack(id: string): PlannedStack;
}

export async function openPlanBed(): Promise<PlanBed> {
  const bed = await openTestBed({ bootstrapped: true });
  const workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  const { root } = workspace;
  const [deployer, publisher] = await Promise.all([
    callerWhoMayOnly(bed.local, 'plan-deployer', mayAssume('deploy', STAGING)),
    callerWhoMayOnly(bed.local, 'plan-publisher', mayAssume('file-publishing', STAGING)),
  ]);
  const admin = rootClients(bed.local, STAGING).cloudFormation();

  const runAll = (steps: readonly Step[], environment: Record<string, string>) =>
    startExecutors(root, steps, environment).ended;
  const run: PlanBed['run'] = (executor, options, environment = executor === 'publish' ? publisher : deployer) =>
    runAll([[executor, options]], environment);
  const publish = async (assembly: string) => {
    const { code, output } = await run('publish', { assembly });
    if (code !== 0) throw new Error(output);
  };
  const read = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '');
  return {
    bed,
    root,
    workspace,
    admin,
    deployer,
    publisher,
    run,
    release: async (name, build) => {
      const assembly = synth(bed.folder, name, build);
      await writeReleaseManifest(assembly.directory, await describeRelease(assembly, { tools: {} }));
      return relative(join(root, 'apps/shop'), assembly.directory);
    },
    plan: async (name, assembly, options = {}) => {
      await publish(assembly);
      const [file, markdown] = [`plans/${name}.json`, `plans/${name}.md`];
      const end = await run('plan', { assembly, output: file, markdown, ...options });
      const json = read(file);
      const plan = JSON.parse(json || '{}') as Plan;
      const stack = (id: string) => plan.stacks.find((one) => one.id === id)!;
      return { ...end, file, json, markdown: read(markdown), plan, stack };
    },
    ship: async (assembly, options = {}) => {
      await publish(assembly);
      const { code, output } = await run('deploy', { assembly, ...options });
      if (code !== 0) throw new Error(output);
    },
    states: async (...stackNames) => {
      const states = await Promise.all(
        stackNames.map(async (StackName) => {
          const answer = await admin.send(new DescribeStacksCommand({ StackName })).catch(() => undefined);
          const stack = answer?.Stacks?.[0];
          return [StackName, stack && `${stack.StackStatus} ${stack.LastUpdatedTime?.toISOString()}`] as const;
        }),
      );
      return Object.fromEntries(states);
    },
    changeSets: async (StackName) => {
      const { Summaries = [] } = await admin.send(new ListChangeSetsCommand({ StackName }));
      return Summaries.filter(({ ExecutionStatus }) => ExecutionStatus === 'AVAILABLE').length;
    },
    close: () => bed.close(),
  };
}
