import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ENVIRONMENTS_FILE, type Environments, isExampleAccount } from '@nx-cdk/environments';
import { readAssembly } from '../../assembly/index.ts';
import { bootstrap, type BootstrapRequest, targetsOfAssembly, targetsOfEnvironments } from '../../bootstrap/index.ts';
import { readCdkJson, readCdkJsonIfAny } from '../../cdk-json/index.ts';
import { type Command, defineExecutor } from '../../command/index.ts';
import { Failure } from '../../failure/index.ts';
import type { BootstrapExecutorSchema } from './schema.d.ts';

/** Bootstraps every account and region of an app, with trust for the CI account. */
export default defineExecutor(async (options: BootstrapExecutorSchema, command) => {
  const { environmentsFile: file } = options;
  const about = file === undefined ? await ofAssembly(options, command) : ofFile(file, options, command);
  const { aws, listener, signal } = command;
  const { toolkitStackName = readCdkJsonIfAny(command.projectRoot).toolkitStackName } = options;
  const report = await bootstrap({ ...options, ...about, toolkitStackName }, { aws: await aws(), listener, signal });
  return { success: report.success, report };
});

type About = Pick<BootstrapRequest, 'targets' | 'keepTrust'>;

function ofFile(file: string, options: BootstrapExecutorSchema, command: Command): About {
  for (const name of ['qualifier', 'executionPolicies', 'adminRole'] as const) {
    if (options[name] === undefined) continue;
    const what = `--${name} is not for an app with an environments file`;
    throw new Failure('BadOption', { what, next: `set it in ${file}` });
  }
  const environments = command.environments(file);
  if (isExample(environments)) {
    const { ci } = environments;
    const what = `ci.account in ${file} is ${ci.account}, the account of an example, which every target would trust`;
    throw new Failure('ExampleAccount', { what, next: 'write the account of your CI there' });
  }
  const { environment } = options;
  return { targets: targetsOfEnvironments(environments, { environment, trust: accounts(options.trust) }) };
}

async function ofAssembly(options: BootstrapExecutorSchema, command: Command): Promise<About> {
  const { environment, adminRole } = options;
  if (environment !== undefined) {
    throw new Failure('BadOption', {
      what: `--environment=${environment} needs an environments file`,
      next: 'leave it out, or name the file with --environmentsFile',
    });
  }
  const { context, output } = readCdkJson(command.projectRoot);
  const inContext = context?.['@aws-cdk/core:bootstrapQualifier'];
  const assembly = readAssembly(resolve(command.projectRoot, options.assembly ?? output ?? 'cdk.out'));
  const trust = accounts(options.trust);
  const implied = trust === undefined ? trustOfWorkspace(command) : undefined;
  const executionPolicies = list(options.executionPolicies);
  return {
    ...(implied && { keepTrust: true }),
    targets: await targetsOfAssembly(assembly, await command.aws(), {
      qualifier: options.qualifier,
      defaultQualifier: typeof inContext === 'string' ? inContext : undefined,
      trust,
      ...implied,
      executionPolicies,
      adminRole,
    }),
  };
}

/**
 * The trust of this workspace, for an app that says nothing of its own: the CI account of the environments file in its
 * root. That account is trusted in addition to those that are; policies are given only to a target that has none. A
 * file that nobody has edited yet says nothing.
 */
function trustOfWorkspace({ workspaceRoot, environments }: Command) {
  if (!existsSync(join(workspaceRoot, ENVIRONMENTS_FILE))) return undefined;
  const file = environments();
  if (isExample(file)) return undefined;
  const { ci, executionPolicies } = file;
  return { trust: [ci.account], initialExecutionPolicies: executionPolicies };
}

/** Whether nobody has written a CI account into a file yet. Elsewhere than on AWS, an example is as good as any. */
function isExample({ ci }: Environments): boolean {
  return !process.env['AWS_ENDPOINT_URL'] && isExampleAccount(ci.account);
}

/**
 * Accounts of `--trust`. Nx makes a number of what looks like one, but not of what begins with 0.
 *
 * @throws Failure `BadOption` if one is no account id
 */
function accounts(value: BootstrapExecutorSchema['trust']): string[] | undefined {
  const ids = list(value);
  const wrong = ids?.find((id) => !/^\d{12}$/.test(id));
  if (wrong === undefined) return ids;
  throw new Failure('BadOption', { what: `--trust=${wrong} is no AWS account id`, next: 'it needs 12 digits' });
}

/** Accepts `--x=1,2`, `--x=1 --x=2` and an array. */
function list(value: BootstrapExecutorSchema['trust']): string[] | undefined {
  if (value === undefined) return undefined;
  const parts = [value].flat().flatMap((part) => String(part).split(','));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
