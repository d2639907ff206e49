import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  ArtifactManifest,
  AssemblyManifest,
  AssetManifestProperties,
  AwsCloudFormationStackProperties,
} from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';
import { AssetDestinations, type Manifest } from './asset-destinations.ts';
import { brokenAssembly, loadManifest } from './load-manifest.ts';
import type { Assembly, AssemblyStack, BootstrapRequirement, Target } from './model.ts';
import { readResourceOrigins } from './resource-origins.ts';

/** A stack while its dependencies are still names of artifacts. */
interface FoundStack {
  readonly stack: Omit<AssemblyStack, 'dependencies' | 'files' | 'images' | 'resources'>;
  readonly artifact: ArtifactManifest;
  readonly level: Level;
}

/** Properties of an asset manifest's artifact. */
type AssetManifest = Partial<AssetManifestProperties>;

/** One `manifest.json`: the assembly itself or a nested stage. */
interface Level {
  readonly directory: string;
  readonly manifest: AssemblyManifest;
  /**
   * Ids of the stacks that an artifact of this manifest stands for: one for a stack, all of its stacks for a nested
   * stage.
   */
  readonly stacksOf: Map<string, string[]>;
}

/**
 * Reads a cloud assembly, nested stages and their asset manifests included.
 *
 * @param directory the folder with the outermost `manifest.json`, usually `cdk.out`
 * @throws Failure `NoAssembly` if there is none, `BrokenAssembly` if it cannot be understood
 */
export function readAssembly(directory: string): Assembly {
  const root = resolve(directory);
  if (!existsSync(join(root, 'manifest.json'))) {
    const what = `${root} holds no cloud assembly`;
    throw new Failure('NoAssembly', { what, next: 'synthesize first (nx synth <project>)' });
  }
  try {
    return read(root);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    // The schema says little of what is in an artifact: a list that is none is only met when it is read.
    throw brokenAssembly(`${join(root, 'manifest.json')} cannot be understood: ${(cause as Error).message}`, cause);
  }
}

function read(root: string): Assembly {
  const found: FoundStack[] = [];
  collect(root, found);
  rejectDoubles(found);
  const destinations = new AssetDestinations();
  const owners = found.map(({ stack, artifact, level }) => ({
    stack,
    artifact,
    level,
    ...destinations.add(stack, assetManifestsOf(artifact, level)),
  }));
  const stacks = owners.map(({ stack, artifact, level, files, images }): AssemblyStack => ({
    ...stack,
    dependencies: dependenciesOf(stack.id, artifact, level),
    files,
    images,
    // Read when somebody asks, which is when a resource fails: the metadata is most of what an assembly weighs.
    get resources() {
      return readResourceOrigins(level.directory, artifact);
    },
  }));
  return { directory: root, stacks, files: destinations.files, images: destinations.images };
}

/** Walks one manifest and its nested stages; returns the ids of all stacks below it. */
function collect(directory: string, found: FoundStack[]): string[] {
  const manifest = loadManifest(directory);
  const level: Level = { directory, manifest, stacksOf: new Map() };
  for (const [artifactId, artifact] of Object.entries(manifest.artifacts ?? {})) {
    if (artifact.type === 'cdk:cloud-assembly') {
      const name = (artifact.properties as { directoryName?: string } | undefined)?.directoryName ?? artifactId;
      level.stacksOf.set(artifactId, collect(join(directory, name), found));
    } else if (artifact.type === 'aws:cloudformation:stack') {
      const stack = describeStack(artifactId, artifact, directory);
      level.stacksOf.set(artifactId, [stack.id]);
      found.push({ stack, artifact, level });
    }
  }
  return [...level.stacksOf.values()].flat();
}

function describeStack(artifactId: string, artifact: ArtifactManifest, directory: string): FoundStack['stack'] {
  const properties = (artifact.properties ?? {}) as AwsCloudFormationStackProperties;
  const { templateFile, assumeRoleArn: arn } = properties;
  if (templateFile === undefined)
    throw brokenAssembly(`${join(directory, 'manifest.json')} names no template for ${artifactId}`);
  const { assumeRoleExternalId: externalId, assumeRoleAdditionalOptions: options } = properties;
  return {
    id: artifact.displayName ?? artifactId,
    artifactId,
    stackName: properties.stackName ?? artifactId,
    target: parseTarget(artifactId, artifact, directory),
    templateFile: join(directory, templateFile),
    templateUrl: properties.stackTemplateAssetObjectUrl,
    parameters: properties.parameters ?? {},
    tags: properties.tags ?? {},
    notificationArns: properties.notificationArns ?? [],
    terminationProtection: properties.terminationProtection,
    deployRole: arn === undefined ? undefined : { arn, externalId, options },
    executionRoleArn: properties.cloudFormationExecutionRoleArn,
    bootstrap: bootstrapOf(properties),
  };
}

/** The bootstrap that a stack or an asset manifest asks for, if it says both which version and where it is written. */
function bootstrapOf(properties: {
  readonly requiresBootstrapStackVersion?: number;
  readonly bootstrapStackVersionSsmParameter?: string;
}): BootstrapRequirement | undefined {
  const { requiresBootstrapStackVersion: version, bootstrapStackVersionSsmParameter: parameter } = properties;
  return version === undefined || parameter === undefined ? undefined : { version, parameter };
}

/** `aws://111111111111/eu-west-1`, the form `EnvironmentUtils` of `@aws-cdk/cloud-assembly-api` writes. */
function parseTarget(artifactId: string, artifact: ArtifactManifest, directory: string): Target {
  const given = artifact.environment ?? 'aws://unknown-account/unknown-region';
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(given) ?? [];
  if (account !== undefined && region !== undefined) return { account, region };
  const manifest = join(directory, 'manifest.json');
  const what = `${manifest} gives ${artifactId} the environment "${given}", which is not aws://<account>/<region>`;
  throw brokenAssembly(what);
}

function assetManifestsOf(artifact: ArtifactManifest, level: Level): Manifest[] {
  return (artifact.dependencies ?? []).flatMap((name) => {
    const dependency = level.manifest.artifacts?.[name];
    if (dependency?.type !== 'cdk:asset-manifest') return [];
    const properties = (dependency.properties ?? {}) as AssetManifest;
    if (properties.file === undefined)
      throw brokenAssembly(`${join(level.directory, 'manifest.json')} names no file for ${name}`);
    return [{ file: join(level.directory, properties.file), bootstrap: bootstrapOf(properties) }];
  });
}

function dependenciesOf(id: string, artifact: ArtifactManifest, level: Level): string[] {
  const ids = (artifact.dependencies ?? []).flatMap((name) => {
    if (level.manifest.artifacts?.[name] !== undefined) return level.stacksOf.get(name) ?? [];
    const manifest = join(level.directory, 'manifest.json');
    throw brokenAssembly(`${manifest} makes ${id} depend on ${name}, which it does not hold`);
  });
  return [...new Set(ids)];
}

function rejectDoubles(found: readonly FoundStack[]): void {
  const seen = new Map<string, string>();
  for (const { stack, level } of found) {
    const other = seen.get(stack.id);
    if (other !== undefined) {
      const what = `Two stacks of the assembly are called ${stack.id} (in ${other} and ${level.directory})`;
      throw new Failure('BrokenAssembly', { what, next: 'give them different construct ids' });
    }
    seen.set(stack.id, level.directory);
  }
}

/** Bucket and key in the URL that a manifest gives for a template; undefined if it is the URL of no object. */
export function templatePlace(url: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key] = /^(?:s3:\/\/|https:\/\/s3\.[^/]+\/)([^/]+)\/(.+)$/.exec(url) ?? [];
  return bucket && key ? { bucket, key } : undefined;
}
