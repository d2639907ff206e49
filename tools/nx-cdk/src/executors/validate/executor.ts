import { resolve } from 'node:path';
import { isCI } from '@nx-cdk/processes';
import { parsePatterns, readAssembly } from '../../assembly/index.ts';
import { chooseStacks, defineExecutor } from '../../command/index.ts';
import { findingsAsText, validate } from '../../validate/index.ts';
import type { ValidateExecutorSchema } from './schema.d.ts';

/** Shows what is found in the assembly. Asks no AWS, and changes nothing. */
export default defineExecutor(async (options: ValidateExecutorSchema, command) => {
  const { workspaceRoot, projectRoot, listener, signal } = command;
  const { environmentsFile, failOnWarnings } = options;
  const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
  const environments = environmentsFile === undefined ? undefined : command.environments(environmentsFile);
  const { stackIds: stacks } = chooseStacks(assembly, environments, options, listener);
  const rules = parsePatterns(options.rules).map((path) => resolve(workspaceRoot, path));
  const request = { assembly, stacks, rules, failOnWarnings, ci: isCI(process.env), env: process.env };
  const report = await validate(request, { listener, signal });
  const text = findingsAsText(report.findings, process.stdout.columns);
  if (report.findings.length > 0) listener({ type: 'message', level: 'info', text });
  return { success: report.success, report };
});
