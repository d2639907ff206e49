import type { ArtifactManifest, AssemblyManifest } from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';

/**
 * The cloud assembly schema that this room was written for. The schema gets a new major version with almost every field
 * that is added, mostly of metadata; apps move on to it with their `aws-cdk-lib`. So a newer assembly is read, and
 * refused only where it holds something that a deployment would have to know.
 */
const KNOWN = 55;

/** The fields of that schema, by what holds them. */
const FIELDS = {
  manifest: ['version', 'minimumCliVersion', 'artifacts', 'missing', 'runtime', 'files', 'dockerImages'],
  artifact: ['type', 'environment', 'metadata', 'additionalMetadataFile', 'dependencies', 'properties', 'displayName'],
  stack: [
    'templateFile',
    'parameters',
    'tags',
    'notificationArns',
    'stackName',
    'terminationProtection',
    'assumeRoleArn',
    'assumeRoleExternalId',
    'assumeRoleAdditionalOptions',
    'cloudFormationExecutionRoleArn',
    'lookupRole',
    'stackTemplateAssetObjectUrl',
    'requiresBootstrapStackVersion',
    'bootstrapStackVersionSsmParameter',
    'validateOnSynth',
  ],
  stage: ['directoryName', 'displayName'],
  assets: ['file', 'requiresBootstrapStackVersion', 'bootstrapStackVersionSsmParameter'],
  asset: ['displayName', 'source', 'destinations'],
  source: [
    'path',
    'packaging',
    'executable',
    'directory',
    'dockerFile',
    'dockerBuildTarget',
    'dockerBuildArgs',
    'dockerBuildContexts',
    'dockerBuildSsh',
    'dockerBuildSecrets',
    'networkMode',
    'platform',
    'dockerOutputs',
    'cacheFrom',
    'cacheTo',
    'cacheDisabled',
  ],
  destination: [
    'region',
    'assumeRoleArn',
    'assumeRoleExternalId',
    'assumeRoleAdditionalOptions',
    'bucketName',
    'objectKey',
    'repositoryName',
    'imageTag',
  ],
} satisfies Record<string, readonly string[]>;

const TYPES: readonly string[] = [
  'none',
  'aws:cloudformation:stack',
  'cdk:tree',
  'cdk:asset-manifest',
  'cdk:cloud-assembly',
  'cdk:feature-flag-report',
];

/** A manifest that is read: an assembly's, or one of assets. */
export interface ManifestFile {
  readonly file: string;
  /** Of the schema, such as `55.0.0`. */
  readonly version: string;
}

/**
 * Refuses a field that is not known here, if the manifest is of a newer schema: a publishing or a deployment without it
 * would not be what the app asks for. Older manifests have no such fields but an app's own.
 *
 * @param what has the field, as in `of Data`
 * @throws Failure `AssemblyTooNew`
 */
export function requireKnownFields(
  manifest: ManifestFile,
  kind: keyof typeof FIELDS,
  what: string,
  value: object,
): void {
  if (!isNewer(manifest)) return;
  const known: readonly string[] = FIELDS[kind];
  const [unknown] = Object.entries(value).filter(([name, field]) => !known.includes(name) && (field ?? null) !== null);
  if (unknown !== undefined) throw tooNew(manifest, `the field ${unknown[0]} of ${what}`);
}

/**
 * Refuses an artifact of an unknown type, if the manifest is of a newer schema and a deployment may depend on it. What
 * CDK writes about itself, such as a report, is ignored: its type begins with `cdk:`, nothing depends on it, and it
 * names neither a place nor a folder.
 *
 * @throws Failure `AssemblyTooNew`
 */
export function requireKnownType(
  manifest: ManifestFile,
  id: string,
  { type, environment, properties }: ArtifactManifest,
  { artifacts = {} }: AssemblyManifest,
): void {
  if (TYPES.includes(type) || !isNewer(manifest)) return;
  const isNeeded = Object.values(artifacts).some(({ dependencies }) => dependencies?.includes(id));
  const isAbout = type.startsWith('cdk:') && environment === undefined && !('directoryName' in (properties ?? {}));
  if (isAbout && !isNeeded) return;
  throw tooNew(manifest, `the artifact ${id} of the type ${type}`);
}

/** Whether a manifest may say what is not known here. */
export function isNewer({ version }: ManifestFile): boolean {
  return Number.parseInt(version, 10) > KNOWN;
}

export function tooNew({ file, version }: ManifestFile, thing: string): Failure {
  return new Failure('AssemblyTooNew', {
    what: `${file} holds ${thing}, which this version of nx-cdk does not know (it knows the schema of cloud assemblies up to ${KNOWN}, and this is ${version})`,
    next: 'update nx-cdk (nx migrate nx-cdk@latest), or take an older aws-cdk-lib',
  });
}
