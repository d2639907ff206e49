import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { hotswapRoleArn, type Target, targetName, urlSuffixOf } from '@nx-cdk/environments';
import type { AssemblyStack, FileAsset, ImageAsset } from '../assembly/index.ts';
import { type AwsClients, resolvePlaceholders, type ResolvedTarget, resolveTarget } from '../aws/index.ts';
import { CodeArchives, type FunctionFacts, Functions, functionsOf, LARGEST_ARCHIVE } from '../hotswap/index.ts';
import type { DevRequest } from './contract.ts';

/** A function of a stack, and what it runs. */
export interface DevFunction {
  readonly stackId: string;
  readonly logicalId: string;
  /** Its name in Lambda. */
  readonly name: string;
  readonly target: ResolvedTarget;
  readonly logGroup?: string;
  /** What the app wants it to run. */
  wanted: FileAsset | ImageAsset;
  /** What it runs: SHA-256 of an archive, or the tag of an image. Undefined if that has to be asked. */
  running: string | undefined;
  /** What CloudFormation has given it. */
  deployed: string | undefined;
}

/** A stack as CloudFormation has it. */
export interface DevStack {
  readonly stack: AssemblyStack;
  /** The template that CloudFormation has. */
  readonly template: string;
  /** The newest template that was brought, past CloudFormation or through it. */
  readonly brought: string;
  readonly functions: readonly DevFunction[];
}

/** The functions of the environment, and what brings code to them. */
export class DevFunctions {
  readonly archives = new CodeArchives();
  readonly #aws: AwsClients;
  readonly #request: DevRequest;
  readonly #clients = new Map<string, Functions>();

  constructor(aws: AwsClients, request: DevRequest) {
    this.#aws = aws;
    this.#request = request;
  }

  /** The session of the hotswap role in a target. */
  sessionIn(target: Pick<Target, 'account' | 'region'>) {
    const { account, region } = target;
    const arn = hotswapRoleArn(this.#request.environments, target);
    return { account, region, role: { kind: 'hotswap', region, arn } } as const;
  }

  /** @throws Failure `AssumeRoleDenied`, or `RoleNotAdmitted` if the environment is not for development */
  async requireRoles(targets: readonly Target[]): Promise<void> {
    await Promise.all(targets.map((target) => this.#aws.credentials(this.sessionIn(target))()));
  }

  /** The functions of a stack that CloudFormation has just been brought to a template. */
  async of(stack: AssemblyStack, template: string): Promise<DevFunction[]> {
    const found = functionsOf(stack, template);
    if (found.length === 0) return [];
    const target = await resolveTarget(this.#aws, stack.target);
    const names = await this.#in(target).physicalIds(stack.stackName);
    return Promise.all(
      found.flatMap(({ logicalId, code }) => {
        const name = names.get(logicalId);
        return name === undefined ? [] : [this.#one({ stackId: stack.id, logicalId, name, target, wanted: code })];
      }),
    );
  }

  async #one(known: Pick<DevFunction, 'stackId' | 'logicalId' | 'name' | 'target' | 'wanted'>): Promise<DevFunction> {
    const deployed = await this.identityOf(known.wanted);
    const { sha256, logGroup } = await this.#in(known.target).look(known.name);
    // Lambda knows an image by its digest and not by its tag.
    const running = isImage(known.wanted) ? deployed : sha256;
    return { ...known, logGroup, deployed, running };
  }

  /** What a function runs that has this code. */
  async identityOf(code: FileAsset | ImageAsset): Promise<string> {
    return isImage(code) ? code.tag : (await this.archives.of(code.source)).sha256;
  }

  /** Brings the wanted code to a function; what is too large for a request has to be published. */
  async bring(one: DevFunction): Promise<void> {
    const { wanted, target } = one;
    const resolve = (text: string) => resolvePlaceholders(text, target);
    if (isImage(wanted)) {
      const registry = `${target.account}.dkr.ecr.${wanted.target.region}.${urlSuffixOf(target.partition)}`;
      await this.#replace(one, { ImageUri: `${registry}/${resolve(wanted.repository)}:${resolve(wanted.tag)}` });
      one.running = wanted.tag;
      return;
    }
    const { zip, sha256 } = await this.archives.of(wanted.source);
    const archive = await zip();
    const published = { S3Bucket: resolve(wanted.bucket), S3Key: resolve(wanted.key) };
    await this.#replace(one, archive.length > LARGEST_ARCHIVE ? published : { ZipFile: archive });
    one.running = sha256;
  }

  /**
   * Brings what is in a folder to a function.
   *
   * @returns false if it is too large for a request
   */
  async bringFolder(one: DevFunction, folder: string): Promise<boolean> {
    const { zip, sha256 } = await this.archives.of({ path: folder, packaging: 'zip' });
    const archive = await zip();
    if (archive.length > LARGEST_ARCHIVE) return false;
    await this.#replace(one, { ZipFile: archive });
    one.running = sha256;
    return true;
  }

  async #replace({ name, target }: DevFunction, code: Parameters<Functions['replace']>[1]): Promise<FunctionFacts> {
    return this.#in(target).replace(name, code);
  }

  #in(target: ResolvedTarget): Functions {
    const key = targetName(target);
    const found = this.#clients.get(key) ?? new Functions(this.#aws, this.sessionIn(target));
    this.#clients.set(key, found);
    return found;
  }
}

export function isImage(code: FileAsset | ImageAsset): code is ImageAsset {
  return 'tag' in code;
}

/** Whether a file has to be published before a function can have it. */
export async function needsPublishing(code: FileAsset | ImageAsset, archives: CodeArchives): Promise<boolean> {
  if (isImage(code)) return true;
  const { zip } = await archives.of(code.source);
  return (await zip()).length > LARGEST_ARCHIVE;
}

/**
 * The folders that builds fill and that functions run as they are, by content: a folder, or one right in it, may be the
 * code of many functions.
 */
export async function mapFolders(
  outputs: readonly string[],
  functions: readonly DevFunction[],
  archives: CodeArchives,
): Promise<Map<string, DevFunction[]>> {
  const zipped = functions.filter(({ wanted }) => !isImage(wanted) && wanted.source.packaging === 'zip');
  const identities = await Promise.all(
    zipped.map(async ({ wanted }) => (await archives.of((wanted as FileAsset).source)).sha256),
  );
  const mapped = new Map<string, DevFunction[]>();
  if (zipped.length === 0) return mapped;
  for (const folder of outputs.flatMap(withFolders)) {
    const { sha256 } = await archives.of({ path: folder, packaging: 'zip' });
    const users = zipped.filter((_, index) => identities[index] === sha256);
    if (users.length > 0) mapped.set(folder, users);
  }
  return mapped;
}

function withFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...inside.map(({ name }) => join(folder, name))];
}

/** Whether a path is a folder, or in it. */
export function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
