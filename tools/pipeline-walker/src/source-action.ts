import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from 'nx-cdk/failure';
import { zipFiles } from './archive.ts';
import { type Artifact, getFile, putFile } from './artifact-store.ts';
import { matchingFiles } from './build-files.ts';
import type { Session } from './clients.ts';
import { requirePermission, useOf } from './permission.ts';
import { type OutputVariables, type Walk, type RunningAction, actionSession } from './walk.ts';

/** What a source makes of the commit: the file of its artifact, and what the action tells of it. */
interface Fetched {
  readonly file: string;
  readonly rest: Pick<Artifact, 'kind' | 'connectionArn' | 'revision'>;
  readonly variables: OutputVariables;
}

type Fetch = (walk: Walk, action: RunningAction, session: Session, folder: string) => Promise<Fetched>;

const PROVIDERS: Readonly<Record<string, Fetch>> = {
  CodeStarSourceConnection: fromConnection,
  GitHub: fromGitHub,
  S3: fromBucket,
};

/** Whether a walk can stand in for a source of this provider. */
export function isKnownSource(provider: string): boolean {
  return Object.hasOwn(PROVIDERS, provider);
}

/**
 * A source action: the commit in the place of what the repository would hold, everything else as CodePipeline does it.
 */
export async function runSource(walk: Walk, action: RunningAction, provider: string): Promise<OutputVariables> {
  const folder = join(walk.folder, action.id);
  await mkdir(folder, { recursive: true });
  try {
    const session = await actionSession(walk, action);
    const { file, rest, variables } = await PROVIDERS[provider]!(walk, action, session, folder);
    for (const name of action.outputs) {
      action.say(`uploading ${name}`);
      walk.artifacts.set(name, await walk.store.put(session, name, file, rest));
    }
    return variables;
  } finally {
    if (!walk.keep) await rm(folder, { recursive: true, force: true });
  }
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html */
async function fromConnection(walk: Walk, action: RunningAction, _: Session, folder: string): Promise<Fetched> {
  const { ConnectionArn: connectionArn, FullRepositoryId, BranchName, OutputArtifactFormat } = action.configuration;
  if (connectionArn === undefined)
    throw new Failure('Definition', { subject: action.id, what: 'it names no ConnectionArn' });
  await requirePermission(walk, action, {
    roleArn: action.role,
    permission: useOf(connectionArn),
    resource: connectionArn,
  });
  const variables = {
    ...variablesOf(walk, BranchName),
    FullRepositoryName: FullRepositoryId ?? '',
    ConnectionArn: connectionArn,
  };
  const file = join(folder, 'source.zip');
  const revision = walk.commit.id;
  if (OutputArtifactFormat !== 'CODEBUILD_CLONE_REF') {
    await walk.git.archive(walk.commit.id, file);
    return { file, rest: { kind: 'zip', revision }, variables };
  }
  // Nobody but CodeBuild reads it; it says what to clone.
  await writeFile(
    file,
    JSON.stringify({ connectionArn, repository: FullRepositoryId, branch: BranchName, commit: walk.commit.id }),
  );
  return { file, rest: { kind: 'clone', connectionArn, revision }, variables };
}

/** A source of GitHub's first version, with a token: the files without their history. */
async function fromGitHub(walk: Walk, action: RunningAction, _: Session, folder: string): Promise<Fetched> {
  const file = join(folder, 'source.zip');
  await walk.git.archive(walk.commit.id, file);
  return {
    file,
    rest: { kind: 'zip', revision: walk.commit.id },
    variables: {
      ...variablesOf(walk, action.configuration['Branch']),
      RepositoryName: action.configuration['Repo'] ?? '',
    },
  };
}

/**
 * An archive of the repository with its history. Where the endpoint has the source's bucket, the archive is put there
 * as whoever releases does it, and read with the action's role
 * (https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html).
 */
async function fromBucket(walk: Walk, action: RunningAction, session: Session, folder: string): Promise<Fetched> {
  const { S3Bucket: bucket = '', S3ObjectKey: key = '' } = action.configuration;
  const [clone, file] = [join(folder, 'clone'), join(folder, 'source.zip')];
  await walk.git.clone(walk.commit.id, clone);
  await zipFiles(await matchingFiles(clone, ['**/*'], { links: true }), file, { links: true });
  await rm(clone, { recursive: true, force: true });
  const { GetBucketVersioningCommand } = await import('@aws-sdk/client-s3');
  const [asCaller, asAction] = [await walk.clients.s3(walk.caller), await walk.clients.s3(session)];
  // S3's own word for the version of an object in a bucket without versions.
  let revision = 'null';
  const fetched = () => ({ file, rest: { kind: 'zip' as const, revision }, variables: { VersionId: revision } });
  try {
    revision = (await putFile(asCaller, { bucket, key, file, encryptionKey: undefined })) ?? revision;
  } catch (error) {
    if ((error as Error).name !== 'NoSuchBucket') throw error;
    action.note(`reading s3://${bucket}/${key} was not rehearsed: there is no such bucket here`);
    return fetched();
  }
  await asAction.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  await getFile(asAction, bucket, key, file);
  return fetched();
}

function variablesOf({ commit }: Walk, branch: string | undefined): OutputVariables {
  return {
    CommitId: commit.id,
    CommitMessage: commit.message,
    AuthorDate: commit.authorDate,
    BranchName: branch ?? '',
  };
}
