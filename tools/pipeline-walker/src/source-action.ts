import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from 'nx-cdk/failure';
import { zipFiles } from './archive.ts';
import { getFile, putFile, uploadArtifact } from './artifacts.ts';
import { matchingFiles } from './build-files.ts';
import type { Session } from './clients.ts';
import { archiveCommit, cloneCommit } from './commit.ts';
import { requireConnection } from './connection-permission.ts';
import { actionSession } from './sessions.ts';
import type { Artifact, OutputVariables, RunningAction, Walk } from './walk.ts';

/** What a source tells of the artifact that it wrote, and the variables of the action. */
interface Fetched {
  readonly about: Pick<Artifact, 'kind' | 'connectionArn' | 'revision'>;
  readonly variables: OutputVariables;
}

/** Writes the artifact of a source into a file. */
type Fetch = (walk: Walk, action: RunningAction, session: Session, file: string) => Promise<Fetched>;

const PROVIDERS: Readonly<Record<string, Fetch>> = {
  CodeStarSourceConnection: fromConnection,
  GitHub: fromGitHub,
  S3: fromBucket,
};

/** Whether a walk can do what a source of this provider does. */
export function isKnownSource(provider: string): boolean {
  return Object.hasOwn(PROVIDERS, provider);
}

/** A source action. The commit takes the place of what the repository would hold; all else is as in CodePipeline. */
export async function runSource(walk: Walk, action: RunningAction, provider: string): Promise<OutputVariables> {
  const folder = join(walk.folder, action.id);
  const file = join(folder, 'source.zip');
  await mkdir(folder, { recursive: true });
  try {
    const session = await actionSession(walk, action);
    const { about, variables } = await PROVIDERS[provider]!(walk, action, session, file);
    for (const name of action.outputs) await uploadArtifact(walk, action, session, name, file, about);
    return variables;
  } finally {
    if (!walk.keep) await rm(folder, { recursive: true, force: true });
  }
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html */
async function fromConnection(walk: Walk, action: RunningAction, _: Session, file: string): Promise<Fetched> {
  const { ConnectionArn: connectionArn, FullRepositoryId, BranchName, OutputArtifactFormat } = action.configuration;
  if (connectionArn === undefined) {
    throw new Failure('Definition', { subject: action.id, what: 'it names no ConnectionArn' });
  }
  await requireConnection(walk, action, connectionArn);
  const { id: revision } = walk.commit;
  const variables = {
    ...variablesOf(walk, BranchName),
    FullRepositoryName: FullRepositoryId ?? '',
    ConnectionArn: connectionArn,
  };
  if (OutputArtifactFormat !== 'CODEBUILD_CLONE_REF') {
    await archiveCommit(walk.commit, file);
    return { about: { kind: 'zip', revision }, variables };
  }
  // Only CodeBuild reads it; it says what to clone.
  const reference = { connectionArn, repository: FullRepositoryId, branch: BranchName, commit: revision };
  await writeFile(file, JSON.stringify(reference));
  return { about: { kind: 'clone', connectionArn, revision }, variables };
}

/** A source of GitHub's first version, with a token: the files without their history. */
async function fromGitHub(walk: Walk, action: RunningAction, _: Session, file: string): Promise<Fetched> {
  const { Branch, Repo } = action.configuration;
  await archiveCommit(walk.commit, file);
  const variables = { ...variablesOf(walk, Branch), RepositoryName: Repo ?? '' };
  return { about: { kind: 'zip', revision: walk.commit.id }, variables };
}

/**
 * An archive of the repository with its history. If the endpoint has the source's bucket, the caller puts the archive
 * there, and it is read with the action's role
 * (https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html).
 */
async function fromBucket(walk: Walk, action: RunningAction, session: Session, file: string): Promise<Fetched> {
  const { S3Bucket: bucket = '', S3ObjectKey: key = '' } = action.configuration;
  const clone = `${file}-clone`;
  await cloneCommit(walk.commit, clone);
  await zipFiles(await matchingFiles(clone, ['**/*'], { links: true }), file, { links: true });
  await rm(clone, { recursive: true, force: true });
  const { GetBucketVersioningCommand } = await import('@aws-sdk/client-s3');
  // In a bucket without versions, S3 calls the version of an object null.
  let revision = 'null';
  try {
    revision = (await putFile(await walk.clients.s3(walk.caller), bucket, key, file)) ?? revision;
    const s3 = await walk.clients.s3(session);
    await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    await getFile(s3, bucket, key, file);
  } catch (error) {
    if ((error as Error).name !== 'NoSuchBucket') throw error;
    action.note(`reading s3://${bucket}/${key} was not rehearsed: there is no such bucket here`);
  }
  return { about: { kind: 'zip', revision }, variables: { VersionId: revision } };
}

function variablesOf({ commit }: Walk, branch = ''): OutputVariables {
  return { CommitId: commit.id, CommitMessage: commit.message, AuthorDate: commit.authorDate, BranchName: branch };
}
