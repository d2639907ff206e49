import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from 'nx-cdk/failure';
import { zipFiles } from './archive.ts';
import { artifactEntries } from './build-files.ts';
import type { ArtifactFiles, Buildspec } from './buildspec.ts';
import type { RunningBuild } from './running-build.ts';

/** Makes the output artifacts of a build and uploads them with its role. */
export async function uploadOutputs({ walk, action, session, folders }: RunningBuild, spec: Buildspec): Promise<void> {
  for (const name of action.outputs) {
    const files = filesOf(spec, name, action.outputs.length);
    if (files === undefined) {
      throw new Failure(
        'NoArtifact',
        `The buildspec says nothing of the artifact ${name}, which the action ${action.id} has to make.`,
      );
    }
    action.say(`uploading ${name}`);
    const file = join(folders.scratch, 'output.zip');
    await zipFiles(await artifactEntries(folders.source, files, name), file, { links: files.links });
    walk.artifacts.set(name, await walk.store.put(session, name, file, { kind: 'zip' }));
    await rm(file, { force: true });
  }
}

/** The only artifact of an action is the primary one of its build; several are secondary ones, each by its name. */
function filesOf(spec: Buildspec, name: string, count: number): ArtifactFiles | undefined {
  return count === 1 ? (spec.artifacts ?? spec.secondaryArtifacts[name]) : spec.secondaryArtifacts[name];
}
