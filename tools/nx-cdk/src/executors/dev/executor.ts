import { isCI } from '@nx-cdk/processes';
import { chosenInstance, type Command, defineExecutor } from '../../command/index.ts';
import { dev } from '../../dev/index.ts';
import { Failure } from '../../failure/index.ts';
import { allowableOf } from '../../publish/index.ts';
import { ReadyApp, settingsOfInstance, synthesisBy, synthesize } from '../../synth/index.ts';
import { AppProjects } from './projects.ts';
import type { DevExecutorSchema } from './schema.d.ts';

/**
 * Brings each edit of an app, its libraries and its handlers to one environment for development. Assumes publishing,
 * deploy and hotswap roles.
 */
export default defineExecutor(
  async (options: DevExecutorSchema, command, context) => {
    const { workspaceRoot, projectRoot, projectName: project, listener, signal } = command;
    const environments = command.environments(options.environmentsFile);
    const workspace = await AppProjects.open(context, environments.file, (text) =>
      listener({ type: 'message', level: 'info', text }),
    );
    const instance = chosenInstance(options, environments);
    const ofTarget = workspace.optionsOf(project, 'nx-cdk:synth', instance?.environment.name);
    const settings = settingsOfInstance(ofTarget, instance);
    const dependencies = { aws: await command.aws(), listener, signal };
    const ready = new ReadyApp();
    const report = await dev(
      {
        project,
        projectRoot,
        workspace,
        environments,
        environment: options.environment!,
        instance: instance?.name,
        synthesize: async () => {
          const place = { workspaceRoot, projectRoot, name: project };
          const made = synthesize({ ...synthesisBy(settings, place), ready }, dependencies);
          // While what was made is deployed, and after an error, too.
          const { assembly, followed } = await made.finally(() => ready.prepare());
          return { reads: followed.reads, output: assembly.directory };
        },
        open: (assembly) => command.scope({ ...options, assembly }, { published: true }),
        ask: command.ask,
        allow: allowableOf(options.allow),
        logs: options.logs,
      },
      dependencies,
    ).finally(() => ready.stop());
    return { success: true, report };
  },
  {
    whenInterrupted: 'nx dev ends. What CloudFormation has begun goes on.',
    isEndless: true,
    page: 'dev',
    complete: (options, environments) => {
      const environment = environmentFor(options, environments);
      return { ...options, environment, instance: instanceFor({ ...options, environment }, environments) };
    },
  },
);

/**
 * The environment for development that is meant.
 *
 * @throws Failure `NotForDevelopment` in a CI, if no environment is for development, if it is not clear which one is
 * meant, or if the named one is not for it
 */
export function environmentFor(
  { environmentsFile, environment }: DevExecutorSchema,
  environments: Command['environments'],
): string {
  if (isCI(process.env)) throw refused('nx dev is for a person at work, and this is a CI', 'use nx deploy');
  if (environmentsFile === undefined) {
    const next = 'name one in the context key nx-cdk:environments of its cdk.json, see docs/environments.md';
    throw refused('The app names no environments file, which says what nx dev may change', next);
  }
  const { file, environments: all } = environments(environmentsFile);
  const fit = all.filter(({ development, approval }) => development === true && !approval).map(({ name }) => name);
  const known = fit.length === 0 ? 'none' : fit.join(', ');
  const marking = `mark it with "development": true in ${file}`;
  if (environment === undefined) {
    if (fit.length === 1) return fit[0]!;
    if (fit.length === 0) throw refused(`No environment in ${file} is for development`, `${marking}`);
    throw refused(`There are several environments for development: ${known}`, 'name one with --environment');
  }
  if (fit.includes(environment)) return environment;
  throw refused(`The environment ${environment} is not for development`, `${marking}, or take another one (${known})`);
}

/** The instance that is meant: the one that is named, else that of whoever works here if the environment has some. */
export function instanceFor(
  { environmentsFile, environment, instance, defaultInstance }: DevExecutorSchema,
  environments: Command['environments'],
): string | undefined {
  const { environments: all } = environments(environmentsFile);
  const hasInstances = all.find(({ name }) => name === environment)?.instances === true;
  return instance ?? (hasInstances ? defaultInstance : undefined);
}

function refused(what: string, next: string): Failure {
  return new Failure('NotForDevelopment', { what, next });
}
