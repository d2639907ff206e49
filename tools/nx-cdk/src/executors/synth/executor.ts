import { join } from 'node:path';
import { cacheDir } from 'nx/src/devkit-exports.js';
import { chosenInstance, defineExecutor, refuseStrayOptions } from '../../command/index.ts';
import { KNOWN_FOLDER, keepReads } from '../../inputs/index.ts';
import { settingsOfInstance, synthesisBy, synthesize } from '../../synth/index.ts';
import type { SynthExecutorSchema } from './schema.d.ts';
import schema from './schema.json' with { type: 'json' };

/** Runs a CDK app and writes its cloud assembly. Needs no AWS permission. */
export default defineExecutor(
  async (options: SynthExecutorSchema, command) => {
    const { workspaceRoot, projectRoot, projectName: name, listener, signal } = command;
    const { environmentsFile } = options;
    const environments = environmentsFile === undefined ? undefined : command.environments(environmentsFile);
    const settings = settingsOfInstance(options, chosenInstance(options, environments));
    refuseStrayOptions(options, schema.properties);
    const { assembly, release, followed } = await synthesize(
      synthesisBy(settings, { workspaceRoot, projectRoot, name }),
      {
        aws: await command.aws(),
        listener,
        signal,
      },
    );
    const key = process.env['NX_TASK_HASH'];
    if (key !== undefined && followed.reads !== undefined)
      keepReads(key, followed.reads, {
        folder: join(cacheDir, KNOWN_FOLDER),
        workspaceRoot,
        output: assembly.directory,
      });
    const stacks = assembly.stacks.map(({ id, stackName, target }) => ({ id, stackName, ...target }));
    return { success: true, report: { assembly: assembly.directory, release: release.digest, stacks } };
  },
  { leftOut: 'synthesized' },
);
