import { basename } from 'node:path';
import { type AssemblyStack, type FileAsset, type ImageAsset, type Target, templatePlace } from '../assembly/index.ts';
import {
  type AwsClients,
  resolvePlaceholders,
  resolveTarget,
  type RoleKind,
  type Session,
  sessionFor,
} from '../aws/index.ts';

interface Common {
  /** The same for every room that asks. Publish reports, records and looks are joined by it. */
  readonly id: string;
  /** What people call the asset: its display name, else the name of its file, else its hash. */
  readonly label: string;
  /** Where it is, for people: `s3://bucket/key`, or `repository:tag in 111111111111/eu-west-1`. */
  readonly place: string;
  readonly target: Target;
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  /** Who may reach it. */
  readonly session: Session;
}

/** One object in one bucket. No placeholder is left. */
export interface FileDestination extends Common {
  readonly kind: 'file';
  readonly asset: FileAsset;
  readonly bucket: string;
  readonly key: string;
}

/** One tag in one repository. No placeholder is left. */
export interface ImageDestination extends Common {
  readonly kind: 'image';
  readonly asset: ImageAsset;
  readonly repository: string;
  readonly tag: string;
}

/** The one place that an asset goes to. */
export type Destination = FileDestination | ImageDestination;

/** In the order of the assets that were given. */
export interface Destinations {
  readonly files: readonly FileDestination[];
  readonly images: readonly ImageDestination[];
}

/**
 * Resolves where assets go. Every step asks here, so that all of them mean the same place by the same id.
 *
 * @param assets an assembly, one of its stacks, or a selection
 * @param deployer the session that deploys a stack, for steps that only have deploy roles. @default - the publishing
 * role that the manifest names for each destination, or the caller
 * @throws Failure if the account or region of the caller is needed and cannot be found out
 */
export async function destinationsOf(
  assets: { readonly files: readonly FileAsset[]; readonly images: readonly ImageAsset[] },
  aws: AwsClients,
  deployer?: Session,
): Promise<Destinations> {
  const common = async (asset: FileAsset | ImageAsset, kind: RoleKind) => {
    const there = await resolveTarget(aws, asset.target);
    const { account, region } = there;
    return {
      target: { account, region },
      targetName: `${account}/${region}`,
      session: deployer ? { ...deployer, region } : sessionFor(there, kind, asset.role),
      resolve: (text: string) => resolvePlaceholders(text, there),
    };
  };
  const files = assets.files.map(async (asset): Promise<FileDestination> => {
    const { resolve, ...there } = await common(asset, 'file-publishing');
    const [bucket, key] = [resolve(asset.bucket), resolve(asset.key)];
    const { displayName, source, assetId } = asset;
    const label = displayName ?? (source.path ? basename(source.path) : assetId);
    const id = `${there.targetName}/${bucket}/${key}`;
    return { kind: 'file', id, label, place: `s3://${bucket}/${key}`, ...there, asset, bucket, key };
  });
  const images = assets.images.map(async (asset): Promise<ImageDestination> => {
    const { resolve, ...there } = await common(asset, 'image-publishing');
    const [repository, tag] = [resolve(asset.repository), resolve(asset.tag)];
    const [label, name] = [asset.displayName ?? asset.assetId, `${repository}:${tag}`];
    const [id, place] = [`${there.targetName}/${name}`, `${name} in ${there.targetName}`];
    return { kind: 'image', id, label, place, ...there, asset, repository, tag };
  });
  return { files: await Promise.all(files), images: await Promise.all(images) };
}

/** The destination of a stack's own template; undefined if the template is not published. */
export async function templateOf(
  stack: AssemblyStack,
  { files }: Pick<Destinations, 'files'>,
  aws: AwsClients,
): Promise<FileDestination | undefined> {
  if (stack.templateUrl === undefined) return undefined;
  const place = templatePlace(resolvePlaceholders(stack.templateUrl, await resolveTarget(aws, stack.target)));
  return files.find(({ bucket, key }) => bucket === place?.bucket && key === place.key);
}
