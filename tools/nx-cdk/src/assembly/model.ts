/**
 * What the engines read of a cloud assembly. Plain data: nothing here knows AWS, Nx or the file system.
 *
 * The file formats are those of `@aws-cdk/cloud-assembly-schema`
 * (https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema).
 */
import type { DockerImageSource } from '@aws-cdk/cloud-assembly-schema';

/** A cloud assembly, nested stages included. */
export interface Assembly {
  /** Absolute path of the folder that holds the outermost `manifest.json`. */
  readonly directory: string;
  /** All stacks, those of nested stages included, in manifest order. */
  readonly stacks: readonly AssemblyStack[];
  /** Every file asset and template that has to be in a bucket before a deployment; one entry for each destination. */
  readonly files: readonly FileAsset[];
  /** Every container image that has to be in a repository before a deployment; one entry for each destination. */
  readonly images: readonly ImageAsset[];
}

/** The account and region that something goes to. */
export interface Target {
  /** 12 digits, or `unknown-account` for an environment-agnostic stack. */
  readonly account: string;
  /** For example `eu-west-1`, or `unknown-region` for an environment-agnostic stack. */
  readonly region: string;
}

/**
 * A role that a step assumes, as the manifest writes it: may contain `${AWS::AccountId}`, `${AWS::Region}` and
 * `${AWS::Partition}`.
 */
export interface RoleReference {
  readonly arn: string;
  readonly externalId?: string;
  /** Further `AssumeRole` parameters, such as `RoleSessionName` or `Tags`. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** One CloudFormation stack of the assembly. */
export interface AssemblyStack {
  /** Path of the stack in the construct tree: `staging/Data`. Users select by it. Unique in the assembly. */
  readonly id: string;
  /** Name in CloudFormation. */
  readonly stackName: string;
  readonly target: Target;
  /** Absolute path of the manifest that holds it. */
  readonly manifestFile: string;
  /** Absolute path of the template. */
  readonly templateFile: string;
  /** `s3://bucket/key` of the template, placeholders unresolved; absent if the synthesizer uploads none. */
  readonly templateUrl?: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Undefined if nobody states any: those of the stack stay as they are. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Undefined if the app states none: those of the stack stay as they are. */
  readonly notificationArns?: readonly string[];
  /** Undefined if the app leaves it as it is in the account. */
  readonly terminationProtection?: boolean;
  /** Absent if the synthesizer deploys with the caller's own credentials. */
  readonly deployRole?: RoleReference;
  /** Placeholders unresolved. */
  readonly executionRoleArn?: string;
  /** What the CDK toolkit reads the stack with. */
  readonly lookupRole?: RoleReference;
  /** The bootstrap that the stack asks for. */
  readonly bootstrap?: BootstrapRequirement;
  /** Ids of the stacks that have to be deployed before this one. */
  readonly dependencies: readonly string[];
  /** The files that the stack needs, its own template included. */
  readonly files: readonly FileAsset[];
  readonly images: readonly ImageAsset[];
  /** Whether it has assets that only the CDK CLI can publish. @default false */
  readonly hasLegacyAssets?: boolean;
  /** Where each resource comes from, by logical id. */
  readonly resources: ReadonlyMap<string, ResourceOrigin>;
  /**
   * Reads what its constructs say of themselves. No property: a copy of the stack would read it, and the assembly of a
   * stored release does not have it.
   *
   * @throws Failure `BrokenAssembly`
   */
  readonly readAnnotations: () => readonly Annotation[];
}

/** A message that a construct has left in the assembly. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'info';
  /** `staging/Data/Table` */
  readonly constructPath: string;
  /** As CDK wrote it, with the id by which it can be acknowledged: `queue without alarm [ack: shop:alarm]`. */
  readonly text: string;
  /** `stack.ts:14`, if the assembly was synthesized with stack traces. */
  readonly source?: string;
}

/** The place of a resource in the app's source. */
export interface ResourceOrigin {
  /** `staging/Data/Table/Resource` */
  readonly constructPath?: string;
  /** `stack.ts:14`, if the assembly was synthesized with stack traces. */
  readonly source?: string;
}

/** The bootstrap version that a stack asks for. */
export interface BootstrapRequirement {
  readonly version: number;
  /** SSM parameter that holds the version. */
  readonly parameter: string;
}

interface Asset {
  /** The stacks that need it, by id. */
  readonly stacks: readonly string[];
  /** Source hash: the asset's key in its manifest. */
  readonly assetId: string;
  /** Name for people, if the app gave one. */
  readonly displayName?: string;
  /** Absolute path of its asset manifest. */
  readonly manifestFile: string;
  /** The publishing role. */
  readonly role?: RoleReference;
  /** Account of the stacks that need it, region of the destination. */
  readonly target: Target;
}

/** A file or a folder to zip, and one bucket it goes to. */
export interface FileAsset extends Asset {
  readonly source: FileSource;
  /** Placeholders unresolved, as in `key`. */
  readonly bucket: string;
  readonly key: string;
}

/** What a file asset is made of. Two assets with the same `fingerprint` have the same content. */
export interface FileSource {
  readonly fingerprint: string;
  /** Absolute path of the file or folder; absent for an executable source. */
  readonly path?: string;
  readonly packaging: 'file' | 'zip';
  /** Command line whose last output line is the path of the file. */
  readonly executable?: readonly string[];
}

/** An image, and one repository it goes to. */
export interface ImageAsset extends Asset {
  readonly source: ImageSource;
  /** Placeholders unresolved, as in `tag`. */
  readonly repository: string;
  readonly tag: string;
}

/** What an image is made of. Two assets with the same `fingerprint` are built alike. */
export interface ImageSource {
  /** A hash: values of build arguments may be secret. */
  readonly fingerprint: string;
  /** Command line that writes the name of a local image to its output. It runs in the folder of the asset manifest. */
  readonly executable?: readonly string[];
  /** Absent for an executable source. */
  readonly build?: ImageBuild;
}

/** A folder with a Dockerfile, and how it is built, as the asset manifest says it. */
export interface ImageBuild extends DockerImageSource {
  /** Absolute path; the build runs in it. */
  readonly directory: string;
}

/** Stacks of an assembly that are promoted together, such as an environment. */
export interface PromotionGroup {
  readonly name: string;
  readonly stackIds: readonly string[];
}
