import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '@aws-sdk/client-codebuild';
import { Failure } from 'nx-cdk/failure';
import { restoreCache, saveCache } from './build-cache.ts';
import { runCommands } from './build-commands.ts';
import { uploadOutputs } from './build-files.ts';
import { buildspecText, environmentOf, fetchInputs } from './build-inputs.ts';
import { BuildLog } from './build-log.ts';
import { parseBuildspec } from './buildspec.ts';
import { actionSession, serviceSession } from './sessions.ts';
import type { OutputVariables, RunningAction, RunningBuild, Walk } from './walk.ts';

/**
 * A CodeBuild action: CodeBuild is asked to start the build, and what it would do in a container happens here, with the
 * role of the project (https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
 *
 * @returns the exported variables
 */
export async function runBuild(walk: Walk, action: RunningAction): Promise<OutputVariables> {
  const name = action.configuration['ProjectName'] ?? '';
  const project = await findProject(walk, name);
  const id = await startBuild(walk, action, name);
  action.role = project.serviceRole ?? '';
  const session = await serviceSession(walk.clients, action.role, 'codebuild.amazonaws.com', project.arn ?? '');
  const root = join(walk.folder, action.id);
  const folders = { root, source: join(root, 'src'), home: join(root, 'home'), scratch: join(root, 'scratch') };
  const logs = join(walk.folder, 'logs');
  for (const folder of [folders.home, folders.scratch, logs]) await mkdir(folder, { recursive: true });
  const file = join(logs, `${action.id.replaceAll('/', '-')}.log`);
  const log = new BuildLog(await walk.clients.logs(session), file, name, id.split(':')[1]!, project.logsConfig);
  try {
    await log.open(`Rehearsal of ${id}`);
    const variables = await build({ walk, action, project, id, session, folders, log });
    await log.flush();
    return variables;
  } catch (error) {
    action.lines = log.tail;
    // The first error is the one to tell.
    await log.flush().catch(() => undefined);
    throw error;
  } finally {
    if (!walk.keep) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function findProject({ clients, caller, account, region }: Walk, name: string): Promise<Project> {
  const { BatchGetProjectsCommand } = await import('@aws-sdk/client-codebuild');
  const codeBuild = await clients.codeBuild(caller);
  const { projects } = await codeBuild.send(new BatchGetProjectsCommand({ names: [name] }));
  if (projects?.[0] !== undefined) return projects[0];
  throw new Failure('Definition', {
    what: `There is no CodeBuild project ${name}`,
    where: `${account}/${region}`,
    next: 'deploy the pipeline',
  });
}

/** As CodePipeline does it, with its role: starts the build, and asks for its state. Returns the id of the build. */
async function startBuild(walk: Walk, action: RunningAction, projectName: string): Promise<string> {
  const { BatchGetBuildsCommand, StartBuildCommand } = await import('@aws-sdk/client-codebuild');
  if (action.configuration['BatchEnabled'] === 'true') {
    throw new Failure('Definition', { subject: action.id, what: 'it starts a batch of builds, which cannot run here' });
  }
  const codeBuild = await walk.clients.codeBuild(await actionSession(walk, action));
  const { build: started } = await codeBuild.send(new StartBuildCommand({ projectName }));
  const id = started!.id!;
  await codeBuild.send(new BatchGetBuildsCommand({ ids: [id] }));
  return id;
}

async function build(running: RunningBuild): Promise<OutputVariables> {
  const { project, folders } = running;
  const inputs = await fetchInputs(running);
  const spec = await parseBuildspec(await buildspecText(project, folders.source), `the project ${project.name}`);
  const environment = await environmentOf(running, spec, inputs);
  await restoreCache(running, spec.cachePaths);
  const env = await runCommands(running, spec, environment);
  await uploadOutputs(running, spec);
  await saveCache(running, spec.cachePaths);
  return Object.fromEntries(spec.exportedVariables.map((name) => [name, env[name] ?? '']));
}
