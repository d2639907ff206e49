import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '@aws-sdk/client-codebuild';
import { Failure } from 'nx-cdk/failure';
import { restoreCache, saveCache } from './build-cache.ts';
import { runCommands } from './build-commands.ts';
import { buildspecText, environmentOf, fetchInputs } from './build-inputs.ts';
import { BuildLog } from './build-log.ts';
import { uploadOutputs } from './build-files.ts';
import { parseBuildspec } from './buildspec.ts';
import { type OutputVariables, type Walk, type RunningAction, actionSession } from './walk.ts';
import type { RunningBuild } from './walk.ts';

/**
 * A CodeBuild action: CodeBuild is asked to start the build, and what it would then do in a container happens here,
 * with the role of the project (https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
 *
 * @returns the exported variables
 */
export async function runBuild(walk: Walk, action: RunningAction): Promise<OutputVariables> {
  const projectName = action.configuration['ProjectName'] ?? '';
  const project = await findProject(walk, projectName);
  const id = await startBuild(walk, action, projectName);
  action.role = project.serviceRole ?? '';
  const session = await walk.sessions.ofService(action.role, 'codebuild.amazonaws.com', project.arn ?? '');
  const root = join(walk.folder, action.id);
  const folders = { root, source: join(root, 'src'), home: join(root, 'home'), scratch: join(root, 'scratch') };
  const logs = join(walk.folder, 'logs');
  for (const folder of [folders.home, folders.scratch, logs]) await mkdir(folder, { recursive: true });
  const log = new BuildLog({
    project: projectName,
    buildId: id.slice(id.indexOf(':') + 1),
    config: project.logsConfig,
    session,
    clients: walk.clients,
    file: join(logs, `${action.id.replaceAll('/', '-')}.log`),
  });
  try {
    await log.open(`Rehearsal of ${id}`);
    const variables = await build({ walk, action, project, id, session, folders, log });
    await log.close();
    return variables;
  } catch (error) {
    action.lines = log.tail;
    // What failed first is what is told.
    await log.close().catch(() => undefined);
    throw error;
  } finally {
    if (!walk.keep) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function findProject(walk: Walk, name: string): Promise<Project> {
  const { BatchGetProjectsCommand } = await import('@aws-sdk/client-codebuild');
  const codeBuild = await walk.clients.codeBuild(walk.caller);
  const { projects } = await codeBuild.send(new BatchGetProjectsCommand({ names: [name] }));
  if (projects?.[0] !== undefined) return projects[0];
  const where = `${walk.account}/${walk.region}`;
  const what = `There is no CodeBuild project ${name}`;
  throw new Failure('Definition', { what, where, next: 'deploy the pipeline' });
}

/** As CodePipeline does it, with its role: starts the build, and asks how it is going. */
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
