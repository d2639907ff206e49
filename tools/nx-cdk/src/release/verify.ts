import { join } from 'node:path';
import type { Assembly, FileSource, ImageSource } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { describeRelease, keyOf, pathIn } from './create.ts';
import { type ReleaseManifest, shortRelease } from './model.ts';

/** The assets whose contents are read and compared. */
export type ReadContents = 'all' | 'images' | 'none';

/**
 * Compares an assembly with its release manifest: templates, manifests and the content of every asset.
 *
 * @param options.contents the assets that are read: for `images`, those of files are left to `contentCheck`; for
 * `none`, nothing that is published matters. @default 'all'
 * @throws Failure `ReleaseMismatch` naming the first difference; `BrokenAssembly` if something is missing
 */
export async function verifyAssembly(
  assembly: Assembly,
  manifest: ReleaseManifest,
  { contents = 'all' }: { readonly contents?: ReadContents } = {},
): Promise<void> {
  const expected = new Map(manifest.assets.map((asset) => [keyOf(asset), asset.sha256]));
  const found = await describeRelease(assembly, {
    tools: manifest.tools,
    known: (asset) =>
      contents === 'none' || (contents === 'images' && asset.kind === 'file') ? expected.get(keyOf(asset)) : undefined,
  });
  if (found.digest === manifest.digest) return;
  const [expectedParts, foundParts] = [partsOf(manifest), partsOf(found)];
  for (const [part, digest] of foundParts) {
    const before = expectedParts.get(part);
    if (before !== digest) throw mismatch(assembly, manifest, part, before === undefined ? 'is not in' : undefined);
  }
  const gone = [...expectedParts.keys()].find((part) => !foundParts.has(part));
  throw mismatch(assembly, manifest, gone ?? '', gone === undefined ? undefined : 'is missing, and is part of');
}

/**
 * A check for the content of assets when they are read: by source, and the content digest that was found.
 *
 * @throws Failure `ReleaseMismatch` if it is not what the manifest says
 */
export function contentCheck(
  assembly: Assembly,
  manifest: ReleaseManifest,
): (source: FileSource | ImageSource, digest: string) => void {
  const expected = new Map(
    manifest.assets.map(({ kind, path, packaging, sha256 }) => [`${packaging ?? kind} ${path}`, sha256]),
  );
  return (source, digest) => {
    const [what, path] = 'packaging' in source ? [source.packaging, source.path] : ['image', source.build?.directory];
    // What an executable makes is known when it has run.
    if (path === undefined) return;
    const name = pathIn(assembly.directory, path);
    if (expected.get(`${what} ${name}`) !== digest) throw mismatch(assembly, manifest, name);
  };
}

/** What a release is made of, in the order in which differences are told: what is read by people first. */
function partsOf({ stacks, assets, manifests }: ReleaseManifest): Map<string, string> {
  const templates = Object.values(stacks).map(({ template, sha256 }) => [template, sha256] as const);
  const contents = assets.map((asset) => [asset.path ?? asset.id, asset.sha256] as const);
  // An uploaded template is an asset as well, whose digest may be the expected one: what was read counts.
  return new Map([...templates, ...contents, ...templates, ...Object.entries(manifests)]);
}

function mismatch(
  { directory }: Assembly,
  { digest }: ReleaseManifest,
  part: string,
  how = 'is not what it is in',
): Failure {
  const what = `${join(directory, part)} ${how} release ${shortRelease(digest)}`;
  const next = 'find out who changed it after the synthesis, or synthesize again (nx synth <project>)';
  return new Failure('ReleaseMismatch', { what, next });
}
