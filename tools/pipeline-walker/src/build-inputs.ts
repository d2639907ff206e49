import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '@aws-sdk/client-codebuild';
import { Failure } from 'nx-cdk/failure';
import { unzip } from './archive.ts';
import { getFile } from './artifacts.ts';
import { lookUp, variablesOfAction, variablesOfBuild } from './build-variables.ts';
import type { Buildspec } from './buildspec.ts';
import { cloneCommit } from './commit.ts';
import { requireConnection } from './connection-permission.ts';
import { stepEnvironment } from './step-environment.ts';
import type { RunningAction, RunningBuild } from './walk.ts';

/** Puts the input artifacts where builds expect them. Returns the folders of all but the primary one, by name. */
export async function fetchInputs({ walk, action, session, folders }: RunningBuild): Promise<Record<string, string>> {
  const secondary: Record<string, string> = {};
  const primary = primaryOf(action);
  for (const name of action.inputs) {
    const artifact = walk.artifacts.get(name);
    if (artifact === undefined) {
      const what = `it wants the artifact ${name}, which no action before it makes`;
      throw new Failure('Definition', { subject: action.id, what });
    }
    const folder = name === primary ? folders.source : join(folders.root, `src_${name}`);
    if (name !== primary) secondary[name] = folder;
    action.say(`fetching ${name}`);
    const file = join(folders.scratch, 'input.zip');
    await getFile(await walk.clients.s3(session), artifact.bucket, artifact.key, file);
    if (artifact.kind === 'zip') await unzip(file, folder);
    else {
      await requireConnection(walk, action, artifact.connectionArn ?? '');
      await cloneCommit(walk.commit, folder);
    }
    await rm(file, { force: true });
  }
  await mkdir(folders.source, { recursive: true });
  return secondary;
}

/** The buildspec: in the project itself, or in a file of the source. */
export async function buildspecText(project: Project, source: string): Promise<string> {
  const inline = project.source?.buildspec ?? '';
  if (inline.includes('\n') || inline.trimStart().startsWith('{')) return inline;
  const name = inline === '' ? 'buildspec.yml' : inline;
  const file = join(source, name);
  if (!inline.startsWith('arn:') && existsSync(file)) return readFile(file, 'utf8');
  throw new Failure('Buildspec', {
    subject: project.name,
    what: `it has no buildspec of its own, and its source has no file ${name}`,
  });
}

/** The environment of a build: what CodeBuild sets, the variables that it gets, and the credentials of its role. */
export async function environmentOf(
  { walk, action, project, id, session, folders }: RunningBuild,
  spec: Buildspec,
  inputs: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const ofAction = variablesOfAction(action.configuration['EnvironmentVariables']);
  const wanted = variablesOfBuild(spec, project.environment?.environmentVariables ?? [], ofAction);
  const artifact = walk.artifacts.get(primaryOf(action) ?? '');
  return stepEnvironment(process.env, {
    credentials: session.credentials,
    region: walk.region,
    home: folders.home,
    variables: {
      ...(await lookUp(wanted, session, walk.clients)),
      // https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
      CODEBUILD_BUILD_ID: id,
      CODEBUILD_BUILD_ARN: `arn:${walk.partition}:codebuild:${walk.region}:${walk.account}:build/${id}`,
      CODEBUILD_BUILD_IMAGE: project.environment?.image ?? '',
      CODEBUILD_BUILD_NUMBER: '1',
      CODEBUILD_BUILD_SUCCEEDING: '1',
      CODEBUILD_INITIATOR: `codepipeline/${walk.definition.name}`,
      CODEBUILD_LAST_EXIT: '0',
      CODEBUILD_LOG_PATH: id.split(':')[1]!,
      // What a build made is no version of a source.
      ...(artifact?.revision === undefined ? {} : { CODEBUILD_RESOLVED_SOURCE_VERSION: artifact.revision }),
      CODEBUILD_SOURCE_VERSION: artifact === undefined ? '' : `arn:aws:s3:::${artifact.bucket}/${artifact.key}`,
      CODEBUILD_SRC_DIR: folders.source,
      ...Object.fromEntries(Object.entries(inputs).map(([name, folder]) => [`CODEBUILD_SRC_DIR_${name}`, folder])),
      CODEBUILD_START_TIME: String(Date.now()),
    },
  });
}

/** Name of the artifact that a build starts in. */
function primaryOf({ configuration, inputs }: RunningAction): string | undefined {
  return configuration['PrimarySource'] ?? inputs[0];
}
