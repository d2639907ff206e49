import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  ArtifactManifest,
  AssemblyManifest,
  AwsCloudFormationStackProperties,
} from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';
import { AssetDestinations } from './asset-destinations.ts';
import { loadManifest } from './load-manifest.ts';
import type { Assembly, AssemblyStack, BootstrapRequirement, Target, RoleReference } from './model.ts';
import { readResourceOrigins } from './resource-origins.ts';

/** A stack while its dependencies are still names of artifacts. */
interface FoundStack {
  readonly stack: Omit<AssemblyStack, 'dependencies' | 'files' | 'images' | 'resources'>;
  readonly artifact: ArtifactManifest;
  readonly level: Level;
}

/** Properties of an asset manifest's artifact. */
interface AssetManifest {
  readonly file?: string;
  readonly requiresBootstrapStackVersion?: number;
  readonly bootstrapStackVersionSsmParameter?: string;
}

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
 * @throws Failure `NoAssembly` where there is none, `BrokenAssembly` where it cannot be understood
 */
export function readAssembly(directory: string): Assembly {
  const root = resolve(directory);
  if (!existsSync(join(root, 'manifest.json'))) {
    throw new Failure('NoAssembly', `${root} holds no cloud assembly: synthesize first (nx synth <project>).`);
  }
  try {
    return read(root);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    // The schema says little of what is in an artifact: what is no list where one belongs is met on the way.
    throw new Failure(
      'BrokenAssembly',
      `${join(root, 'manifest.json')} cannot be understood: ${(cause as Error).message}; synthesize again (nx synth <project>).`,
      { cause },
    );
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
  if (properties.templateFile === undefined) {
    throw new Failure(
      'BrokenAssembly',
      `${join(directory, 'manifest.json')} names no template for ${artifactId}: synthesize again.`,
    );
  }
  return {
    id: artifact.displayName ?? artifactId,
    artifactId,
    stackName: properties.stackName ?? artifactId,
    target: parseTarget(artifactId, artifact, directory),
    templateFile: join(directory, properties.templateFile),
    ...(properties.stackTemplateAssetObjectUrl === undefined
      ? {}
      : { templateUrl: properties.stackTemplateAssetObjectUrl }),
    parameters: properties.parameters ?? {},
    tags: properties.tags ?? {},
    notificationArns: properties.notificationArns ?? [],
    ...(properties.terminationProtection === undefined
      ? {}
      : { terminationProtection: properties.terminationProtection }),
    ...(properties.assumeRoleArn === undefined ? {} : { deployRole: deployRole(properties, properties.assumeRoleArn) }),
    ...(properties.cloudFormationExecutionRoleArn === undefined
      ? {}
      : { executionRoleArn: properties.cloudFormationExecutionRoleArn }),
    ...bootstrapOf(properties),
  };
}

function deployRole(properties: AwsCloudFormationStackProperties, arn: string): RoleReference {
  return {
    arn,
    ...(properties.assumeRoleExternalId === undefined ? {} : { externalId: properties.assumeRoleExternalId }),
    ...(properties.assumeRoleAdditionalOptions === undefined
      ? {}
      : { options: properties.assumeRoleAdditionalOptions }),
  };
}

/** The bootstrap that a stack or an asset manifest asks for, if it says both which version and where it is written. */
export function bootstrapOf(properties: {
  readonly requiresBootstrapStackVersion?: number;
  readonly bootstrapStackVersionSsmParameter?: string;
}): { bootstrap?: BootstrapRequirement } {
  const { requiresBootstrapStackVersion: version, bootstrapStackVersionSsmParameter: parameter } = properties;
  return version === undefined || parameter === undefined ? {} : { bootstrap: { version, parameter } };
}

/** `aws://111111111111/eu-west-1`, the form `EnvironmentUtils` of `@aws-cdk/cloud-assembly-api` writes. */
function parseTarget(artifactId: string, artifact: ArtifactManifest, directory: string): Target {
  const match = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(artifact.environment ?? 'aws://unknown-account/unknown-region');
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new Failure(
      'BrokenAssembly',
      `${join(directory, 'manifest.json')} gives ${artifactId} the environment "${artifact.environment}", which is not aws://<account>/<region>: synthesize again.`,
    );
  }
  return { account: match[1], region: match[2] };
}

function assetManifestsOf(
  artifact: ArtifactManifest,
  level: Level,
): { file: string; bootstrap?: BootstrapRequirement }[] {
  return (artifact.dependencies ?? []).flatMap((name) => {
    const dependency = level.manifest.artifacts?.[name];
    if (dependency?.type !== 'cdk:asset-manifest') return [];
    const properties = (dependency.properties ?? {}) as AssetManifest;
    if (properties.file === undefined) {
      throw new Failure(
        'BrokenAssembly',
        `${join(level.directory, 'manifest.json')} names no file for ${name}: synthesize again.`,
      );
    }
    return [{ file: join(level.directory, properties.file), ...bootstrapOf(properties) }];
  });
}

function dependenciesOf(id: string, artifact: ArtifactManifest, level: Level): string[] {
  const ids = (artifact.dependencies ?? []).flatMap((name) => {
    if (level.manifest.artifacts?.[name] === undefined) {
      throw new Failure(
        'BrokenAssembly',
        `${join(level.directory, 'manifest.json')} makes ${id} depend on ${name}, which it does not hold: synthesize again.`,
      );
    }
    return level.stacksOf.get(name) ?? [];
  });
  return [...new Set(ids)];
}

function rejectDoubles(found: readonly FoundStack[]): void {
  const seen = new Map<string, string>();
  for (const { stack, level } of found) {
    const other = seen.get(stack.id);
    if (other !== undefined) {
      throw new Failure(
        'BrokenAssembly',
        `Two stacks of the assembly are called ${stack.id} (in ${other} and ${level.directory}): give them different construct ids.`,
      );
    }
    seen.set(stack.id, level.directory);
  }
}
