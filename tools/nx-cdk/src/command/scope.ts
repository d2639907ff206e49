import { resolve } from 'node:path';
import type { Environments, ReleaseSigning } from '@nx-cdk/environments';
import {
  type Assembly,
  type AssemblyStack,
  list,
  type PromotionGroup,
  type Target,
  readAssembly,
} from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import { instanceFolder } from '../cdk-json/index.ts';
import type { DeploymentMode, GivenParameters, Monitoring, StackOwner } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { type ReleaseManifest, requireSigned } from '../release/index.ts';
import { admissionBy, admitStacks } from './admission.ts';
import { tellIgnoredSettings, withStatedTags } from './app-settings.ts';
import { type StackOptions, chooseStacks } from './choose-stacks.ts';
import { type TargetChoice, chooseTargets, stacksOfTargets } from './choose-targets.ts';
import { chosenInstance, type InstanceOptions, instanceOwner, requireInstanceNames } from './instance.ts';
import { ownerOf } from './owner.ts';
import { givenParameters, type ParameterOptions } from './parameters.ts';
import { guardedStacks, modeBy, monitoringBy } from './environment-settings.ts';
import { findAssembly } from './find-assembly.ts';
import { withDigest } from './release-word.ts';
import { type ReleaseNeed, type SigningOfFile, openRelease, releaseSigning } from './release.ts';
import { requireNotRevoked, requireRecent } from './release-rules.ts';
import { storedAt } from './stored-release.ts';

/** What opens a scope. */
export interface ScopeSource {
  /** Absolute path of the workspace. */
  readonly workspaceRoot: string;
  /** Absolute path of the project. */
  readonly projectRoot: string;
  readonly projectName: string;
  readonly listener: Listener;
  /** Sessions and clients, made when first asked for. */
  readonly aws: () => Promise<AwsClients>;
  /**
   * The same for another environment, to read what it has: only its roles are admitted.
   *
   * @param environment @default - that of `aws`
   */
  readonly awsOf: (environment?: string) => Promise<AwsClients>;
  /**
   * Reads an environments file, relative to the workspace root. No other code of a command does.
   *
   * @param file @default 'environments.json'
   * @throws EnvironmentsError naming the file and what is wrong in it
   */
  readonly environments: (file?: string) => Environments;
  /** The environments file of the workspace, relative to its root; undefined if there is none. */
  readonly workspaceFile: () => string | undefined;
}

/** Options by which an executor says which release it takes. */
export interface ReleaseOptions {
  /**
   * Digest of the only release that will do, or a list `project=digest,...` of those of several projects. Where a
   * command knows such words: an environment, `previous`, or the beginning of a digest.
   */
  readonly release?: string;
  /** Take an assembly of another tool in a CI too. @default false */
  readonly allowUnreleased?: boolean;
}

/** Options by which an executor says what releases are signed with. */
export interface SigningOptions {
  /** ARN of a key, in place of the file's. */
  readonly signingKey?: string;
}

/** Options by which an executor says what of an app it is about. */
export interface ScopeOptions extends StackOptions, ParameterOptions, ReleaseOptions, SigningOptions, InstanceOptions {
  /** Patterns of `account/region`. @default - no limit */
  readonly targets?: readonly string[] | string;
  /** Whether all stacks are deployed in express mode, or none. @default - as the environments file says */
  readonly express?: boolean;
}

/** What else differs from one executor to another. */
export interface ScopeSettings {
  /** How the release is opened. @default - it is not */
  readonly release?: ReleaseNeed;
  /** By which roles words for releases are looked up. @default - only digests are taken */
  readonly words?: 'deploy' | 'lookup';
  /** Whether `--targets` is about assets and not about stacks. @default false */
  readonly assets?: boolean;
  /** Whether the assets of the stacks have to be published for it. @default false */
  readonly published?: boolean;
  /** Ids of the chosen stacks and of what goes with them; they have to be of the same environment and targets. */
  readonly also?: (stacks: Assembly['stacks'], ids: readonly string[]) => readonly string[];
}

/** What a command is about. */
export interface Scope {
  readonly project: string;
  /** Whose stacks they are; undefined if the workspace has no name. */
  readonly owner: StackOwner | undefined;
  /** The instance of the environment that it is about; undefined for what exists once. */
  readonly instance: string | undefined;
  readonly assembly: Assembly;
  /** Ids of the chosen stacks, in the order of the assembly. */
  readonly stacks: readonly string[];
  /** The environments in promotion order; none for an app without environments. */
  readonly promotion: readonly PromotionGroup[];
  /** Ids of the stacks that want to be asked about, with the environment whose `approval` says so. */
  readonly guarded: ReadonlyMap<string, string>;
  /** The mode that a stack is deployed in. */
  readonly deploymentMode: (stackId: string) => DeploymentMode;
  /** The alarms that are watched while a stack is updated; undefined if its environment says nothing of them. */
  readonly monitoring: (stackId: string) => Monitoring | undefined;
  /** Names of the Nx targets that check environments, by environment. */
  readonly checks: ReadonlyMap<string, string>;
  /** What `--targets` says. */
  readonly targets: TargetChoice | undefined;
  readonly parameters: GivenParameters;
  /** What releases are signed with; undefined if they are not. */
  readonly signing: ReleaseSigning | undefined;
  /** Undefined if it was not opened, or for the assembly of another tool. */
  readonly release: ReleaseManifest | undefined;
  /** Whether the assembly came out of a bucket, without what is in assets. */
  readonly isStored: boolean;
  /** SHA-256 of each template of the release, by id of the stack; undefined without a release. */
  readonly templates: ReadonlyMap<string, string> | undefined;
  /**
   * The environments files whose rules for plans hold: that of the workspace, and that of the app. An app that names
   * another file cannot do without the rules of the workspace.
   */
  readonly files: readonly Environments[];
}

/**
 * Finds out what a command is about. The assembly and the environments file are read here, once.
 *
 * @throws Failure as `releaseOfWord`, `chosenInstance`, `requireInstanceNames`, `instanceOwner`, `readAssembly`,
 *   `admitStacks`, `chooseStacks`, `chooseTargets`, `releaseSigning`, `openRelease`, `requireSigned`, `findAssembly`,
 *   `requireNotRevoked`, `requireRecent` and `GivenParameters` do
 */
export async function openScope(
  command: ScopeSource,
  given: ScopeOptions,
  settings: ScopeSettings = {},
): Promise<Scope> {
  const options = await withDigest(command, given, settings.words);
  const { projectRoot, projectName: project, listener } = command;
  const environments =
    options.environmentsFile === undefined ? undefined : command.environments(options.environmentsFile);
  const instance = chosenInstance(options, environments);
  const own = instance === undefined ? 'cdk.out' : instanceFolder(instance.environment.name, instance.name);
  const workspaceFile = command.workspaceFile();
  const ofWorkspace = workspaceFile === undefined ? undefined : command.environments(workspaceFile);
  const files = [ofWorkspace, environments].filter(isFirst);
  const question = { ...command, ...options, project, environments };
  const ruled = settings.release?.ruled === true ? files : [];
  const {
    directory,
    isStored = false,
    ...stored
  } = await findAssembly(resolve(projectRoot, options.assembly ?? own), ruled, question, {
    isWanted: settings.release?.stored === true,
    approved: options.release,
  });
  const assembly = withStatedTags(readAssembly(directory), projectRoot);
  tellIgnoredSettings(projectRoot, command.workspaceRoot, listener);
  const { stackIds, promotion } = chooseStacks(assembly, environments, options, listener);
  const choice = placesOf(assembly, stackIds, settings.assets === true);
  const targets = await chooseTargets(choice, environments, options, command.aws);
  let stacks = stackIds;
  if (targets !== undefined && settings.assets !== true) {
    stacks = stacksOfTargets(assembly, stackIds, promotion, targets);
    const text = `No stack of ${project} goes to ${targets.patterns.join(', ')}: there is nothing to deploy.`;
    if (stacks.length === 0) listener({ type: 'message', level: 'info', text });
  }
  if (settings.also !== undefined) stacks = withOthers(assembly, stacks, promotion, targets, settings.also, options);
  if (instance !== undefined) requireInstanceNames(stacksOf(assembly, stacks), instance);
  if (settings.published) refuseLegacyAssets(stacksOf(assembly, stacks));
  const by = {
    environments,
    admission: admissionBy(options, projectRoot, (file) => environments ?? command.environments(file)),
    resolve: (target: Target) => resolveTarget({ caller: async () => (await command.aws()).caller() }, target),
  };
  const places = await admitStacks(stacksOf(assembly, stacks), by);
  if (environments === undefined && places.length > 0) {
    const text = `${project} goes to ${list(places)}, as its assembly says: the app names no environments file.`;
    listener({ type: 'message', level: 'info', text });
  }
  const signingOf = (file?: string, from?: Environments): SigningOfFile | undefined =>
    file === undefined || from === undefined ? undefined : { file, signing: from.signing };
  const signing = releaseSigning(
    signingOf(workspaceFile, ofWorkspace),
    signingOf(options.environmentsFile, environments),
    options.signingKey,
  );
  const { release: approved, allowUnreleased } = options;
  const demand = { approved, signing, project, allowUnreleased, env: process.env };
  const need = settings.release && { ...settings.release, ...(isStored && { contents: 'none' as const }) };
  const release = need && (await openRelease(assembly, listener, need, demand));
  if (release !== undefined) {
    requireNotRevoked(release.digest, ruled);
    await requireRecent(release.digest, ruled, async () => stored.writtenAt ?? storedAt(release.digest, question));
  }
  if (settings.release?.signed === true && signing !== undefined && release !== undefined) {
    const about = { release: release.digest, stacks: stacksOf(assembly, stacks), signing };
    await requireSigned(about, await command.aws());
  }
  const parameters = await givenParameters(options, command.workspaceRoot, assembly.stacks);
  const templates = release && new Map(Object.entries(release.stacks).map(([id, { sha256 }]) => [id, sha256]));
  const guarded = await guardedStacks(stacksOf(assembly, stacks), environments, by.resolve);
  const known = ownerOf(command.workspaceRoot, project);
  const owner = instance === undefined ? known : await instanceOwner(known, instance, options, command.workspaceRoot);
  const deploymentMode = modeBy(options.express, environments);
  return {
    project,
    owner,
    instance: instance?.name,
    assembly,
    stacks,
    promotion,
    guarded,
    deploymentMode,
    monitoring: monitoringBy(environments),
    checks: new Map((environments?.environments ?? []).flatMap(({ name, verify }) => (verify ? [[name, verify]] : []))),
    targets,
    parameters,
    signing,
    release,
    isStored,
    templates,
    files,
  };
}

/** Whether a file is there, and none of the same name before it. */
function isFirst(
  one: Environments | undefined,
  index: number,
  all: readonly (Environments | undefined)[],
): one is Environments {
  return one !== undefined && all.findIndex((other) => other?.file === one.file) === index;
}

/** @throws Failure `LegacyAssets` */
function refuseLegacyAssets(stacks: readonly AssemblyStack[]): void {
  const legacy = stacks.find(({ hasLegacyAssets }) => hasLegacyAssets);
  if (legacy === undefined) return;
  throw new Failure('LegacyAssets', {
    subject: legacy.id,
    what: `it has assets of LegacyStackSynthesizer (${legacy.manifestFile}), which only the CDK CLI publishes`,
    next: 'use DefaultStackSynthesizer, and prepare the target with nx bootstrap',
  });
}

function stacksOf({ stacks }: Assembly, ids: readonly string[]): AssemblyStack[] {
  const wanted = new Set(ids);
  return stacks.filter(({ id }) => wanted.has(id));
}

/** @throws Failure `OtherTarget` if what goes with the chosen stacks is not what the command is limited to */
function withOthers(
  assembly: Assembly,
  chosen: readonly string[],
  promotion: readonly PromotionGroup[],
  targets: TargetChoice | undefined,
  also: NonNullable<ScopeSettings['also']>,
  { environment }: ScopeOptions,
): readonly string[] {
  const ids = also(assembly.stacks, chosen);
  for (const { id, target } of stacksOf(assembly, ids)) {
    if (chosen.includes(id)) continue;
    const isElsewhere = targets !== undefined && !targets.includes(target);
    if (!isElsewhere && (environment === undefined || promotion.some(({ stackIds }) => stackIds.includes(id))))
      continue;
    const limit = isElsewhere ? `--targets=${targets.patterns.join(',')}` : `the environment ${environment}`;
    const what = `${id} depends on what was chosen, and is not of ${limit}`;
    throw new Failure('OtherTarget', {
      what,
      next: 'begin with that stack, or name the chosen ones with --exclusively',
    });
  }
  return ids;
}

/** Where the chosen stacks go, and the assets that they need, if those are limited to targets. */
function placesOf({ stacks, files, images }: Assembly, stackIds: readonly string[], assets: boolean): Target[] {
  const chosen = new Set(stackIds);
  const needed = assets ? [...files, ...images].filter((asset) => asset.stacks.some((id) => chosen.has(id))) : [];
  return [...stacks.filter(({ id }) => chosen.has(id)), ...needed].map(({ target }) => target);
}
