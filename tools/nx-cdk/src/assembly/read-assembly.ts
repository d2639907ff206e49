import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  ArtifactManifest,
  AssemblyManifest,
  AssetManifestProperties,
  AwsCloudFormationStackProperties,
} from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';
import { AssetDestinations, roleIn } from './asset-destinations.ts';
import { AssemblyFolder, readDataSync } from './data-file.ts';
import { requireKnownFields, requireKnownType } from './known-schema.ts';
import { brokenAssembly, loadManifest, requireShape, type Shape } from './load-manifest.ts';
import type { Assembly, AssemblyStack, FileAsset, FileSource, Target } from './model.ts';
import { hasLegacyAssets, readAnnotations, readResourceOrigins } from './resource-origins.ts';

/** A stack while its dependencies are still names of artifacts. */
interface FoundStack {
  readonly stack: Omit<
    AssemblyStack,
    'dependencies' | 'files' | 'hasLegacyAssets' | 'images' | 'readAnnotations' | 'resources'
  >;
  readonly artifact: ArtifactManifest;
  readonly level: Level;
}

/** One `manifest.json`: the assembly itself or a nested stage. */
interface Level {
  readonly directory: string;
  /** Path of the `manifest.json`. */
  readonly file: string;
  readonly manifest: AssemblyManifest;
  /** Stack ids by artifact: one id for a stack, those of all its stacks for a nested stage. */
  readonly stacksOf: Map<string, string[]>;
}

/**
 * Reads a cloud assembly, nested stages and their asset manifests included.
 *
 * @param directory the folder with the outermost `manifest.json`, usually `cdk.out`
 * @throws Failure `NoAssembly` if there is none, `BrokenAssembly` if it cannot be understood, `AssemblyTooNew` if it
 * holds what a deployment would have to know and is not known here
 */
export function readAssembly(directory: string): Assembly {
  const root = resolve(directory);
  const file = join(root, 'manifest.json');
  if (!existsSync(file)) {
    const what = `${root} holds no cloud assembly`;
    throw new Failure('NoAssembly', { what, next: 'synthesize first (nx synth <project>)' });
  }
  try {
    return read(root);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    // The schema says little about the content of an artifact: a wrong type there only shows when it is read.
    throw brokenAssembly(`${file} cannot be understood: ${(cause as Error).message}`, cause);
  }
}

function read(root: string): Assembly {
  const found: FoundStack[] = [];
  const folder = new AssemblyFolder(root);
  collect(root, { found, folder, seen: new Set() });
  rejectDoubles(found);
  const assets = new AssetDestinations(folder);
  const stacks = found.map(({ stack, artifact, level }): AssemblyStack => {
    const manifests = assetManifestsOf(artifact, level, folder);
    return {
      ...stack,
      ...assets.add(stack, manifests),
      dependencies: dependenciesOf(stack.id, artifact, level),
      // Other synthesizers write a manifest for the template alone.
      hasLegacyAssets: manifests.length === 0 && hasLegacyAssets(level.directory, artifact, folder),
      // Read on demand, when a resource fails: the metadata is most of what an assembly weighs.
      get resources() {
        return readResourceOrigins(level.directory, artifact, folder, stack.templateFile);
      },
      readAnnotations: () => readAnnotations(level.directory, artifact, folder),
    };
  });
  const files = [...assets.files.values()];
  rejectForeignTemplates(stacks, files);
  return { directory: root, stacks, files, images: [...assets.images.values()] };
}

/** What is known while the levels of an assembly are read. */
interface Collected {
  readonly found: FoundStack[];
  readonly folder: AssemblyFolder;
  /** Real paths of the folders that were read: one that holds itself would never end. */
  readonly seen: Set<string>;
}

const ARTIFACT: Shape = {
  type: 'text',
  environment: 'text',
  displayName: 'text',
  dependencies: 'texts',
  properties: 'object',
  metadata: 'object',
  additionalMetadataFile: 'text',
};

/** Stages in stages. To find the real path of a folder takes longer the deeper it is. */
const DEEPEST = 50;

/** Walks one manifest and its nested stages; returns the ids of all stacks below it. */
function collect(directory: string, collected: Collected, depth = 0): string[] {
  const { found, folder, seen } = collected;
  if (depth > DEEPEST) throw brokenAssembly(`${directory} is nested more than ${DEEPEST} times`);
  const file = folder.inside(join(directory, 'manifest.json'), `The assembly ${directory} holds the manifest`);
  const manifest = loadManifest<AssemblyManifest>(file, { artifacts: 'object' });
  const real = realpathSync.native(directory);
  if (seen.has(real)) throw brokenAssembly(`${directory} holds itself, or is held twice, as a nested assembly`);
  seen.add(real);
  const level: Level = { directory, file, manifest, stacksOf: new Map() };
  for (const [artifactId, artifact] of Object.entries(manifest.artifacts ?? {})) {
    requireShape(file, artifactId, artifact, ARTIFACT);
    requireKnownType({ file, version: manifest.version }, artifactId, artifact, manifest);
    if (artifact.type === 'cdk:cloud-assembly') {
      requireKnown(level, artifactId, artifact, 'stage');
      const name = (artifact.properties as { directoryName?: string } | undefined)?.directoryName ?? artifactId;
      const nested = folder.inside(join(directory, name), `${file} names for ${artifactId} the folder`);
      level.stacksOf.set(artifactId, collect(nested, collected, depth + 1));
    } else if (artifact.type === 'aws:cloudformation:stack') {
      requireKnown(level, artifactId, artifact, 'stack');
      const stack = describeStack(artifactId, artifact, level, folder);
      level.stacksOf.set(artifactId, [stack.id]);
      found.push({ stack, artifact, level });
    }
  }
  return [...level.stacksOf.values()].flat();
}

/** @throws Failure `AssemblyTooNew` if a newer assembly says of an artifact what is not known here */
function requireKnown(
  { file, manifest: { version } }: Level,
  id: string,
  artifact: ArtifactManifest,
  kind: 'assets' | 'stack' | 'stage',
): void {
  requireKnownFields({ file, version }, 'artifact', id, artifact);
  requireKnownFields({ file, version }, kind, id, artifact.properties ?? {});
}

const STACK: Shape = {
  templateFile: 'text',
  stackName: 'text',
  stackTemplateAssetObjectUrl: 'text',
  parameters: 'object',
  tags: 'object',
  notificationArns: 'texts',
  terminationProtection: 'flag',
  assumeRoleArn: 'text',
  assumeRoleExternalId: 'text',
  assumeRoleAdditionalOptions: 'object',
  cloudFormationExecutionRoleArn: 'text',
  lookupRole: 'object',
  requiresBootstrapStackVersion: 'number',
  bootstrapStackVersionSsmParameter: 'text',
};

function describeStack(
  artifactId: string,
  artifact: ArtifactManifest,
  { directory, file }: Level,
  folder: AssemblyFolder,
) {
  requireShape(file, `properties of ${artifactId}`, artifact.properties ?? {}, STACK);
  const properties = (artifact.properties ?? {}) as AwsCloudFormationStackProperties;
  const { templateFile, lookupRole } = properties;
  if (!templateFile) throw brokenAssembly(`${file} names no template for ${artifactId}`);
  const { requiresBootstrapStackVersion: version, bootstrapStackVersionSsmParameter: parameter } = properties;
  return {
    id: artifact.displayName ?? artifactId,
    stackName: properties.stackName ?? artifactId,
    target: parseTarget(artifactId, artifact, file),
    manifestFile: file,
    templateFile: folder.inside(join(directory, templateFile), `${file} names as template of ${artifactId}`),
    templateUrl: properties.stackTemplateAssetObjectUrl,
    parameters: properties.parameters ?? {},
    tags: properties.tags,
    notificationArns: properties.notificationArns,
    terminationProtection: properties.terminationProtection,
    deployRole: roleIn(properties),
    executionRoleArn: properties.cloudFormationExecutionRoleArn || undefined,
    lookupRole: lookupRole && roleIn({ ...lookupRole, assumeRoleArn: lookupRole.arn }),
    bootstrap: version === undefined || parameter === undefined ? undefined : { version, parameter },
  };
}

/** `aws://111111111111/eu-west-1`, the form `EnvironmentUtils` of `@aws-cdk/cloud-assembly-api` writes. */
function parseTarget(artifactId: string, artifact: ArtifactManifest, file: string): Target {
  const given = artifact.environment ?? 'aws://unknown-account/unknown-region';
  const [, account, region] = /^aws:\/\/([0-9]{12}|unknown-account)\/([a-z0-9-]+)$/.exec(given) ?? [];
  if (account !== undefined && region !== undefined) return { account, region };
  const what = `${file} gives ${artifactId} the environment "${given}", which is not aws://<account>/<region>`;
  throw brokenAssembly(what);
}

/** Paths of the asset manifests that a stack depends on. */
function assetManifestsOf(artifact: ArtifactManifest, level: Level, folder: AssemblyFolder): string[] {
  const { directory, file, manifest } = level;
  return (artifact.dependencies ?? []).flatMap((name) => {
    const dependency = artifactOf(manifest, name);
    if (dependency?.type !== 'cdk:asset-manifest') return [];
    requireKnown(level, name, dependency, 'assets');
    const properties = (dependency.properties ?? {}) as Partial<AssetManifestProperties>;
    if (typeof properties.file !== 'string') throw brokenAssembly(`${file} names no file for ${name}`);
    return [folder.inside(join(directory, properties.file), `${file} names for ${name} the file`)];
  });
}

function dependenciesOf(id: string, artifact: ArtifactManifest, { file, manifest, stacksOf }: Level): string[] {
  const ids = (artifact.dependencies ?? []).flatMap((name) => {
    if (artifactOf(manifest, name) !== undefined) return stacksOf.get(name) ?? [];
    throw brokenAssembly(`${file} makes ${id} depend on ${name}, which it does not hold`);
  });
  return [...new Set(ids)];
}

/** Not what every object has, such as `constructor`. */
function artifactOf({ artifacts = {} }: AssemblyManifest, name: string): ArtifactManifest | undefined {
  return Object.hasOwn(artifacts, name) ? artifacts[name] : undefined;
}

function rejectDoubles(found: readonly FoundStack[]): void {
  for (const [id, [one, other]] of Map.groupBy(found, ({ stack }) => stack.id)) {
    if (other === undefined) continue;
    const where = `in ${one!.level.directory} and ${other.level.directory}`;
    const what = `Two stacks of the assembly are called ${id} (${where})`;
    throw new Failure('BrokenAssembly', { what, next: 'give them different construct ids' });
  }
}

/**
 * Refuses an asset that goes where a stack's template is read from, and is made of something else: what people
 * review is the template file. Bucket names are unique in all of AWS, so the bucket and the key say it all.
 *
 * @throws Failure `BrokenAssembly` naming the stack, the asset and the place
 */
function rejectForeignTemplates(stacks: readonly AssemblyStack[], files: readonly FileAsset[]): void {
  const placeOf = ({ account, region }: Target, ...names: readonly string[]) =>
    names.join('/').replaceAll('${AWS::AccountId}', account).replaceAll('${AWS::Region}', region);
  const claims = Map.groupBy(files, ({ target, bucket, key }) => placeOf(target, bucket, key));
  for (const { id, target, templateUrl, templateFile } of stacks) {
    const place = templateUrl && templatePlace(templateUrl);
    if (!place) continue;
    const found = claims.get(placeOf(target, place.bucket, place.key)) ?? [];
    const other = found.find(({ source }) => !isMadeOf(source, templateFile));
    if (other === undefined) continue;
    const { assetId, source } = other;
    const what = `${id}: asset ${assetId} (${source.path ?? 'made by a command'}) goes to ${templateUrl}`;
    throw brokenAssembly(`${what}, where the template ${templateFile} of the stack belongs`);
  }
}

/** Whether a source has the bytes of a file. Stacks with equal templates share one object. */
function isMadeOf({ packaging, path }: FileSource, file: string): boolean {
  if (packaging !== 'file' || path === undefined) return false;
  return path === file || (existsSync(path) && existsSync(file) && readDataSync(path).equals(readDataSync(file)));
}

/** Bucket and key in the URL that a manifest gives for a template; undefined if it is the URL of no object. */
export function templatePlace(url: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key] = /^(?:s3:\/\/|https:\/\/s3\.[^/]+\/)([^/]+)\/(.+)$/.exec(url) ?? [];
  return bucket && key ? { bucket, key } : undefined;
}
