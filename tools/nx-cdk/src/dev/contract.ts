import type { Environments } from '@nx-cdk/environments';
import type { Assembly } from '../assembly/index.ts';
import type { GivenParameters, StackOwner } from '../cloudformation/index.ts';
import type { Read } from '../inputs/index.ts';
import type { Allowable } from '../publish/index.ts';

/** The projects that an app is made of. Paths are absolute. */
export interface DevWorkspace {
  readonly root: string;
  /** The folders of the app and of all that it depends on. */
  folders(): readonly string[];
  /** What is no source: what git and Nx ignore, what builds write, packages. */
  isIgnored(path: string): boolean;
  /** Builds everything as Nx does, from its cache if it can. @throws Failure `BuildFailed` */
  buildAll(): Promise<void>;
  /** The projects that an edit of some files makes anew, what others need first. */
  builtFrom(files: readonly string[]): readonly string[];
  /** Builds projects, without Nx around it where the result is the same. @throws Failure `BuildFailed` */
  build(projects: readonly string[]): Promise<void>;
  /** The folders that the build of each project fills. */
  outputs(): ReadonlyMap<string, readonly string[]>;
  /** Looks again which projects there are, if edits may have changed that. @returns whether other folders count now */
  refresh(files: readonly string[]): Promise<boolean>;
}

/** The stacks of the environment, of the newest assembly. */
export interface DevScope {
  readonly assembly: Assembly;
  readonly stacks: readonly string[];
  readonly parameters: GivenParameters;
  /** Whose stacks they are. @default - nobody's that is known */
  readonly owner?: StackOwner;
  /** The environments files whose rules for plans hold. @default none */
  readonly files?: readonly Environments[];
}

/** What a session of `nx dev` is about. */
export interface DevRequest {
  /** Name of the app. */
  readonly project: string;
  /** Folder of the app; absolute. */
  readonly projectRoot: string;
  readonly workspace: DevWorkspace;
  readonly environments: Environments;
  /** Name of the environment; it has to be for development. */
  readonly environment: string;
  /** The instance of the environment. @default - the environment exists once */
  readonly instance?: string;
  /** Runs the app. @returns what it read, undefined if that is not known, and the folder that it wrote */
  readonly synthesize: () => Promise<{ readonly reads?: readonly Read[]; readonly output: string }>;
  /** Reads and admits what was synthesized into a folder. */
  readonly open: (output: string) => Promise<DevScope>;
  /** @returns undefined if there is nobody to ask */
  readonly ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>;
  /** What assets may ask for when they are published. @default [] */
  readonly allow?: readonly Allowable[];
  /** Whether the logs of the functions are shown. @default true */
  readonly logs?: boolean;
}

/** How an edit ended. Plain data. */
export interface EditReport {
  /** Relative to the workspace. */
  readonly files: readonly string[];
  readonly outcome: 'brought' | 'nothing-changed' | 'failed';
  /** What was done, in words. */
  readonly did: readonly string[];
  /** By part: `build`, `synth`, `publish`, `deploy`, `hotswap`. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** What a session did. Plain data. */
export interface DevReport {
  readonly environment: string;
  readonly edits: readonly EditReport[];
  /** What runs something else than CloudFormation has given it: `staging/Service: orders-api-1AB2`. */
  readonly unknownToCloudFormation: readonly string[];
}
