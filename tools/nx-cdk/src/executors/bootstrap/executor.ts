import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import type { BootstrapRequest } from '../../bootstrap/index.ts';
import { requireLimits } from '../../command/require-limits.ts';
import { type Command, runCommand } from '../../command/run-command.ts';
import { Failure } from '../../failure/index.ts';
import type { BootstrapExecutorSchema } from './schema.d.ts';

/** Bootstraps every account and region of an app, with trust for the CI account. */
export default async function bootstrapExecutor(options: BootstrapExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async (command) => {
    requireLimits({ concurrency: options.concurrency });
    const { listener, signal } = command;
    const where =
      options.environmentsFile === undefined
        ? await fromAssembly(options, command)
        : await fromFile(options.environmentsFile, options, command);
    const { bootstrap } = await import('../../bootstrap/index.ts');
    const { toolkitStackName, keepTrust, force, dryRun, concurrency } = options;
    const report = await bootstrap(
      { toolkitStackName, keepTrust, force, dryRun, concurrency, ...where },
      { aws: await command.aws(), listener, signal },
    );
    return { success: report.success, report };
  });
}

type Where = Pick<BootstrapRequest, 'targets' | 'qualifier' | 'keepTrust'>;

async function fromFile(file: string, options: BootstrapExecutorSchema, { workspaceRoot }: Command): Promise<Where> {
  for (const name of ['qualifier', 'executionPolicies', 'adminRole'] as const) {
    if (options[name] === undefined) continue;
    throw new Failure('BadOption', `--${name} is not for an app with an environments file: set it in ${file}.`);
  }
  const [{ readEnvironments }, { targetsOfEnvironments }] = await Promise.all([
    import('@libs/environments'),
    import('../../bootstrap/index.ts'),
  ]);
  const environments = readEnvironments(resolve(workspaceRoot, file));
  const trust = accounts(options.trust);
  return {
    qualifier: environments.qualifier,
    targets: await targetsOfEnvironments(environments, { environment: options.environment, ...(trust && { trust }) }),
  };
}

async function fromAssembly(
  options: BootstrapExecutorSchema,
  { workspaceRoot, projectRoot, aws }: Command,
): Promise<Where> {
  if (options.environment !== undefined) {
    throw new Failure(
      'BadOption',
      `--environment=${options.environment} needs an environments file: leave it out, or name the file with --environmentsFile.`,
    );
  }
  const [{ readAssembly }, { targetsOfAssembly }, { DEFAULT_QUALIFIER }, { readCdkJson }] = await Promise.all([
    import('../../assembly/index.ts'),
    import('../../bootstrap/index.ts'),
    import('../../bootstrap/index.ts'),
    import('../../synth/index.ts'),
  ]);
  const cdkJson = readCdkJson(projectRoot);
  const inContext = cdkJson.context?.['@aws-cdk/core:bootstrapQualifier'];
  const assembly = readAssembly(resolve(projectRoot, options.assembly ?? cdkJson.output ?? 'cdk.out'));
  const executionPolicies = list(options.executionPolicies);
  const trust = accounts(options.trust);
  const implied = trust === undefined ? await trustOfWorkspace(workspaceRoot) : undefined;
  return {
    ...(implied === undefined ? {} : { keepTrust: true }),
    qualifier: options.qualifier ?? (typeof inContext === 'string' ? inContext : DEFAULT_QUALIFIER),
    targets: await targetsOfAssembly(assembly, await aws(), {
      ...implied,
      ...(trust && { trust }),
      ...(executionPolicies && { executionPolicies }),
      ...(options.adminRole === undefined ? {} : { adminRole: options.adminRole }),
    }),
  };
}

/**
 * Who deploys in this workspace, for an app that says nothing of its own: the CI account of the environments file in
 * its root. That account is trusted in addition to those that are; policies are given only to a place that has none.
 */
async function trustOfWorkspace(workspaceRoot: string) {
  const { ENVIRONMENTS_FILE, readEnvironments } = await import('@libs/environments');
  const file = resolve(workspaceRoot, ENVIRONMENTS_FILE);
  if (!existsSync(file)) return undefined;
  const { ci, executionPolicies } = readEnvironments(file);
  return { trust: [ci.account], initialExecutionPolicies: executionPolicies };
}

/**
 * Accounts of `--trust`. Nx makes a number of what looks like one; what begins with 0 it leaves alone.
 *
 * @throws Failure `BadOption` where one is no account id
 */
function accounts(value: BootstrapExecutorSchema['trust']): string[] | undefined {
  const ids = list(value);
  const wrong = ids?.find((id) => !/^\d{12}$/.test(id));
  if (wrong === undefined) return ids;
  throw new Failure('BadOption', `--trust=${wrong} is no AWS account id: it needs 12 digits.`);
}

/** Accepts `--x=1,2`, `--x=1 --x=2` and an array. */
function list(value: readonly (string | number)[] | string | number | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  return [value]
    .flat()
    .flatMap((part) => String(part).split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
