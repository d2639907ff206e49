import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '@aws-sdk/client-codebuild';
import { Failure } from '../failure/index.ts';
import { BuildCache } from './build-cache.ts';
import { runCommands } from './build-commands.ts';
import { buildspecText, environmentOf, fetchInputs } from './build-inputs.ts';
import { BuildLog } from './build-log.ts';
import { uploadOutputs } from './build-outputs.ts';
import { parseBuildspec } from './buildspec.ts';
import { type OutputVariables, type Run, type Step, actionSession } from './run.ts';
import type { RunningBuild } from './running-build.ts';

/**
 * A CodeBuild action: CodeBuild is asked to start the build, and what it would then do in a container happens here,
 * with the role of the project (https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
 *
 * @returns the exported variables
 */
export async function runBuild(run: Run, step: Step): Promise<OutputVariables> {
  const projectName = step.configuration['ProjectName'] ?? '';
  const project = await findProject(run, projectName);
  const id = await startBuild(run, step, projectName);
  step.role = project.serviceRole ?? '';
  const session = await run.sessions.ofService(step.role, 'codebuild.amazonaws.com', project.arn ?? '');
  const root = join(run.folder, step.id);
  const folders = { root, source: join(root, 'src'), home: join(root, 'home'), scratch: join(root, 'scratch') };
  const logs = join(run.folder, 'logs');
  for (const folder of [folders.home, folders.scratch, logs]) await mkdir(folder, { recursive: true });
  const log = new BuildLog({
    project: projectName,
    buildId: id.slice(id.indexOf(':') + 1),
    config: project.logsConfig,
    session,
    clients: run.clients,
    file: join(logs, `${step.id.replaceAll('/', '-')}.log`),
  });
  try {
    await log.open(`Rehearsal of ${id}`);
    const variables = await build({ run, step, project, id, session, folders, log });
    await log.close();
    return variables;
  } catch (error) {
    step.lines = log.tail;
    // What failed first is what is told.
    await log.close().catch(() => undefined);
    throw error;
  } finally {
    if (!run.keep) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function findProject(run: Run, name: string): Promise<Project> {
  const { BatchGetProjectsCommand } = await import('@aws-sdk/client-codebuild');
  const codeBuild = await run.clients.codeBuild(run.caller);
  const { projects } = await codeBuild.send(new BatchGetProjectsCommand({ names: [name] }));
  if (projects?.[0] !== undefined) return projects[0];
  throw new Failure(
    'Definition',
    `There is no CodeBuild project ${name} in ${run.account}/${run.region}: deploy the pipeline.`,
  );
}

/** As CodePipeline does it, with its role: starts the build, and asks how it is going. */
async function startBuild(run: Run, step: Step, projectName: string): Promise<string> {
  const { BatchGetBuildsCommand, StartBuildCommand } = await import('@aws-sdk/client-codebuild');
  if (step.configuration['BatchEnabled'] === 'true') {
    throw new Failure('Definition', `The action ${step.id} starts a batch of builds, which cannot be rehearsed.`);
  }
  const codeBuild = await run.clients.codeBuild(await actionSession(run, step));
  const { build: started } = await codeBuild.send(new StartBuildCommand({ projectName }));
  const id = started!.id!;
  await codeBuild.send(new BatchGetBuildsCommand({ ids: [id] }));
  return id;
}

async function build(running: RunningBuild): Promise<OutputVariables> {
  const { run, step, project, session, folders } = running;
  const inputs = await fetchInputs(running);
  const spec = await parseBuildspec(await buildspecText(project, folders.source), `the project ${project.name}`);
  const environment = await environmentOf(running, spec, inputs);
  const cache = BuildCache.of(project.cache, project.name ?? '', spec.cachePaths, session, run.clients, folders);
  noteProblem(step, await cache?.restore());
  const { env } = await runCommands(running, spec, environment);
  await uploadOutputs(running, spec);
  noteProblem(step, await cache?.save(spec.cachePaths));
  return Object.fromEntries(spec.exportedVariables.map((name) => [name, env[name] ?? '']));
}

function noteProblem(step: Step, problem: string | undefined): void {
  if (problem !== undefined) step.note(problem);
}
