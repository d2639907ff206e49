import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { readCdkJson } from '../../cdk-json/index.ts';
import { defineExecutor } from '../../command/index.ts';
import { namesCredentials } from '../../inputs/index.ts';
import { ruledStacks, workspaceRules } from '../../plan/index.ts';
import { allowableOf } from '../../publish/index.ts';
import { findCli, readCommandLine, runCli } from '../../stock-cli/index.ts';
import type { CdkExecutorSchema } from './schema.d.ts';

/** Runs a command of the CDK CLI that the workspace has installed. Assumes what the assembly names, once admitted. */
const execute = defineExecutor(
  async (options: CdkExecutorSchema, command) => {
    const { projectRoot, ask } = command;
    const line = readCommandLine(options.__unparsed__ ?? []);
    const cli = findCli(projectRoot);
    const config = readCdkJson(projectRoot);
    const useProfile = !namesCredentials(process.env);
    const request = { cli, line, projectRoot, config, useProfile };
    const end = async (more: object = {}) => {
      const report = await runCli({ ...request, ...more }, ask);
      return { success: report.success, report };
    };
    if (line.doing === 'local') return end();
    if (line.doing === 'reads-assembly') {
      return end({ assembly: readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out')) });
    }
    // Refuses a configuration that this target lacks.
    const aws = await command.aws();
    const changes = line.doing !== 'reads';
    const contents = line.doing === 'ships' ? 'all' : 'none';
    const { assembly, guarded, files } = await command.scope(
      options,
      changes ? { release: { contents, signed: true } } : {},
    );
    const ruled = () => ruledStacks(assembly.stacks, workspaceRules(files), aws);
    const asked = changes && { guarded, ruled: await ruled() };
    return end({ assembly, allow: allowableOf(options.allow), ...asked });
  },
  { whenInterrupted: 'the CDK CLI was told, too. What CloudFormation has begun goes on.' },
);

/**
 * What is on the command line is for the CDK CLI. Nx also takes it for options of this target if they have the same
 * name, so those are taken from where the target is defined.
 */
export default async (given: CdkExecutorSchema, context: ExecutorContext): Promise<{ success: boolean }> => {
  const { target, configurationName } = context;
  if (target === undefined) return execute(given, context);
  const { options, configurations } = target as { options?: CdkExecutorSchema; configurations?: object };
  const chosen = (configurations as Record<string, object> | undefined)?.[configurationName ?? ''];
  return execute({ ...options, ...chosen, __unparsed__: given.__unparsed__ }, context);
};
