import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { hotswapRoleArn, type Target, targetName, urlSuffixOf } from '@nx-cdk/environments';
import type { AssemblyStack, FileAsset, ImageAsset } from '../assembly/index.ts';
import { type AwsClients, resolvePlaceholders, type ResolvedTarget, resolveTarget } from '../aws/index.ts';
import { CodeArchives, type FunctionFacts, Functions, functionsOf, LARGEST_ARCHIVE } from '../hotswap/index.ts';
import type { DevRequest } from './contract.ts';
import type { DevMachine } from './machines.ts';

/** An alias of a function. */
interface DevAlias {
  readonly name: string;
  /** The version that CloudFormation has made it point at. */
  readonly deployed: string;
  /** The version that it points at. */
  at: string;
}

/** A function of a stack, and what it runs. */
export interface DevFunction {
  readonly stackId: string;
  readonly logicalId: string;
  /** Its name in Lambda. */
  readonly name: string;
  readonly target: ResolvedTarget;
  readonly logGroup?: string;
  /** As long as the function runs other code than CloudFormation has given it, they point at that. */
  readonly aliases: readonly DevAlias[];
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
  readonly machines: readonly DevMachine[];
  /** Names of its resources, by logical id. */
  readonly names: ReadonlyMap<string, string>;
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

  /** Names of the resources of a stack, by logical id. */
  async namesIn({ target, stackName }: AssemblyStack): Promise<ReadonlyMap<string, string>> {
    return this.#in(await resolveTarget(this.#aws, target)).physicalIds(stackName);
  }

  /** The functions of a stack that CloudFormation has just been brought to a template. */
  async of(stack: AssemblyStack, template: string, names: ReadonlyMap<string, string>): Promise<DevFunction[]> {
    const target = await resolveTarget(this.#aws, stack.target);
    return Promise.all(
      functionsOf(stack, template).flatMap(({ logicalId, code, published }) => {
        const name = names.get(logicalId);
        if (name === undefined) return [];
        const aliases = (published?.aliases ?? []).map((id) => ({ name: lastOf(names.get(id)) }));
        const known = { stackId: stack.id, logicalId, name, target, wanted: code };
        return [
          this.#one(
            known,
            aliases.map((alias) => ({ ...alias, deployed: lastOf(names.get(published!.version)) })),
          ),
        ];
      }),
    );
  }

  async #one(
    known: Pick<DevFunction, 'stackId' | 'logicalId' | 'name' | 'target' | 'wanted'>,
    aliases: readonly Pick<DevAlias, 'name' | 'deployed'>[],
  ): Promise<DevFunction> {
    const functions = this.#in(known.target);
    const deployed = await this.identityOf(known.wanted);
    const { sha256, logGroup } = await functions.look(known.name);
    const looks = aliases.map(async (one) => ({ ...one, at: await functions.versionAt(known.name, one.name) }));
    // Lambda knows an image by its digest and not by its tag.
    const running = isImage(known.wanted) ? deployed : sha256;
    return { ...known, logGroup, deployed, running, aliases: await Promise.all(looks) };
  }

  /** Whether a function does not run what it should, or is not called where it should be. */
  async isOutdated({ wanted, running, deployed, aliases }: DevFunction): Promise<boolean> {
    if ((await this.identityOf(wanted)) !== running) return true;
    return aliases.some((alias) => alias.at !== placeOf(alias, running === deployed));
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
      return this.#ran(one, wanted.tag);
    }
    const { zip, sha256 } = await this.archives.of(wanted.source);
    const archive = await zip();
    const published = { S3Bucket: resolve(wanted.bucket), S3Key: resolve(wanted.key) };
    await this.#replace(one, archive.length > LARGEST_ARCHIVE ? published : { ZipFile: archive });
    await this.#ran(one, sha256);
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
    await this.#ran(one, sha256);
    return true;
  }

  /** What a function runs by now is what its aliases have to point at: no version is published for it. */
  async #ran(one: DevFunction, running: string): Promise<void> {
    one.running = running;
    for (const alias of one.aliases) {
      const place = placeOf(alias, running === one.deployed);
      if (alias.at === place) continue;
      await this.#in(one.target).point(one.name, alias.name, place);
      alias.at = place;
    }
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

/** Where an alias has to point, if its function runs the code that CloudFormation has given it, and if not. */
function placeOf({ deployed }: DevAlias, runsDeployed: boolean): string {
  return runsDeployed ? deployed : '$LATEST';
}

/** The name of an alias, or the number of a version, which CloudFormation knows by their ARNs. */
function lastOf(arn = ''): string {
  return arn.split(':').at(-1)!;
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
