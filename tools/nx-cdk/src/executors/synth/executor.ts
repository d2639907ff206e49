import { join } from 'node:path';
import { cacheDir } from 'nx/src/devkit-exports.js';
import { readCdkJson } from '../../cdk-json/index.ts';
import { defineExecutor } from '../../command/index.ts';
import { KNOWN_FOLDER, keepReads, missedConfiguration } from '../../inputs/index.ts';
import { lookupsAllowed, parseContext, synthesize } from '../../synth/index.ts';
import type { SynthExecutorSchema } from './schema.d.ts';
import { resolvesDefaults } from './settings.ts';

/** Runs a CDK app and writes its cloud assembly. Needs no AWS permission. */
export default defineExecutor(async (options: SynthExecutorSchema, command) => {
  const { workspaceRoot, projectRoot, projectName: name, listener, signal } = command;
  const { output, strict, passEnvironment, coveredPrograms } = options;
  // A synthesis has no configuration, because the assembly is the same for all; without its endpoint it asks no AWS.
  const { lookups = lookupsAllowed(process.env) && missedConfiguration(process.env) === undefined } = options;
  const context = parseContext(options.context);
  const resolveDefaults = resolvesDefaults(readCdkJson(projectRoot), options, process.env);
  const given = { name, output, context, strict, lookups, resolveDefaults, passEnvironment, coveredPrograms };
  const { assembly, release, followed } = await synthesize(
    { workspaceRoot, projectRoot, ...given },
    { aws: await command.aws(), listener, signal },
  );
  const key = process.env['NX_TASK_HASH'];
  if (key !== undefined && followed.reads !== undefined)
    keepReads(key, followed.reads, { folder: join(cacheDir, KNOWN_FOLDER), workspaceRoot, output: assembly.directory });
  const stacks = assembly.stacks.map(({ id, stackName, target }) => ({ id, stackName, ...target }));
  return { success: true, report: { assembly: assembly.directory, release: release.digest, stacks } };
});
