import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../failure/failure.ts';

/** What the stock tools leave behind in an assembly, and what describes the source instead of the deployment: its lines move with every comment. */
const LEFT_OUT = /^(\.cache|.*\.lock|tree\.json|validation-report\.json|.*\.metadata\.json)$/;

/**
 * One SHA-256, in hex, of all that an assembly would deploy: templates, assets, and the manifests that say where each of them goes. Folders of nested stages
 * included. It is the same for the same content wherever the assembly lies, and another one for a changed template, asset, parameter, tag or role.
 *
 * @param directory the folder with the outermost `manifest.json`
 * @throws Failure `NoAssembly` where there is none
 */
export async function assemblyDigest(directory: string): Promise<string> {
  const files = (await filesBelow(directory)).toSorted();
  if (!files.includes('manifest.json')) {
    throw new Failure('NoAssembly', `${directory} holds no cloud assembly: synthesize first (nx synth <project>).`);
  }
  const all = createHash('sha256');
  // A digest a file, not one stream of bytes: what one file ends with must not pass for the beginning of the next.
  for (const file of files) all.update(`${file}\0${await digestOf(join(directory, file))}\n`);
  return all.digest('hex');
}

async function filesBelow(directory: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      // An asset is the user's bytes: whatever is in it counts, whatever it is called.
      .filter(({ name }) => isInAsset(prefix) || !LEFT_OUT.test(name))
      .map((entry) => {
        const path = `${prefix}${entry.name}`;
        return entry.isDirectory() ? filesBelow(join(directory, entry.name), `${path}/`) : [path];
      }),
  );
  return files.flat();
}

/** Whether a path is below a folder that belongs neither to the assembly itself nor to one of its nested stages. */
function isInAsset(prefix: string): boolean {
  return prefix.split('/').some((folder) => folder !== '' && !folder.startsWith('assembly-'));
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  if (basename(file) === 'manifest.json') return hash.update(await withoutMetadata(file)).digest('hex');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (error) {
    // A link in an asset may lead to a folder, or nowhere: what it says is what there is.
    const target = await readlink(file).catch(() => undefined);
    if (target === undefined) throw error;
    hash.update(`-> ${target}`);
  }
  return hash.digest('hex');
}

/** A manifest without the construct metadata that apps older than `*.metadata.json` keep in it. */
async function withoutMetadata(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  try {
    const manifest = JSON.parse(text) as { artifacts?: Record<string, object> };
    for (const [id, artifact] of Object.entries(manifest.artifacts ?? {})) {
      manifest.artifacts![id] = { ...artifact, metadata: undefined };
    }
    return JSON.stringify(manifest);
  } catch {
    // A file of this name in an asset need not be one of CDK's.
    return text;
  }
}
