import { Failure } from 'nx-cdk/failure';

/** The phases of a build, in order. */
export const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;

export type PhaseName = (typeof PHASES)[number];

/** Commands of one phase. */
export interface Phase {
  readonly commands: readonly string[];
  /** Run at the end of the phase, also after a failure. */
  readonly finally: readonly string[];
  /** Whether a failure of the phase ends the build. @default - not if the phase is `build` */
  readonly onFailure?: 'ABORT' | 'CONTINUE';
}

/** Which files an artifact is made of. */
export interface ArtifactFiles {
  /** Globs, relative to the base folder. */
  readonly files: readonly string[];
  readonly exclude: readonly string[];
  /** Relative to the source folder. */
  readonly baseDirectory: string;
  /** Names only, without the folders they are in. */
  readonly discardPaths: boolean;
  /** Symbolic links stay such. */
  readonly links: boolean;
}

/** A build as its buildspec describes it. */
export interface Buildspec {
  readonly variables: Readonly<Record<string, string>>;
  /** Name of the parameter, by variable. */
  readonly parameterStore: Readonly<Record<string, string>>;
  /** `secret-id:json-key:version-stage:version-id`, by variable. */
  readonly secretsManager: Readonly<Record<string, string>>;
  /** Variables that later actions may use. */
  readonly exportedVariables: readonly string[];
  readonly phases: Readonly<Partial<Record<PhaseName, Phase>>>;
  readonly artifacts?: ArtifactFiles;
  readonly secondaryArtifacts: Readonly<Record<string, ArtifactFiles>>;
  readonly cachePaths: readonly string[];
}

/**
 * Reads a buildspec of version 0.2, in YAML or JSON
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html). What makes no difference on this machine
 * is ignored: `run-as`, `proxy`, `runtime-versions`, `reports`.
 *
 * @param text the whole buildspec
 * @param where whose it is, for error messages: `the project demo-synth`
 * @throws Failure `Buildspec` if CodeBuild would refuse it, or it needs something that cannot run here
 */
export async function parseBuildspec(text: string, where: string): Promise<Buildspec> {
  const { parse } = await import('yaml');
  const refuse = (what: string): never => {
    throw new Failure('Buildspec', { what: `The buildspec of ${where} ${what}` });
  };
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    refuse(`is neither YAML nor JSON: ${(error as Error).message.split('\n')[0]!.replace(/[.:]$/, '')}`);
  }
  const spec = new Fields(content, '', refuse);
  const version = String(spec.get('version') ?? 'none');
  if (version !== '0.2') refuse(`has the version ${version}, and only 0.2 can be rehearsed`);
  const env = spec.child('env');
  const phases = spec.child('phases').children();
  const unknown = Object.keys(phases).find((name) => !(PHASES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    refuse(`has the phase ${unknown}, which CodeBuild does not know: there are ${PHASES.join(', ')}`);
  }
  const artifacts = spec.child('artifacts');
  return {
    variables: env.strings('variables'),
    parameterStore: env.strings('parameter-store'),
    secretsManager: env.strings('secrets-manager'),
    exportedVariables: env.list('exported-variables'),
    phases: mapValues(phases, phaseOf),
    ...(artifacts.get('files') === undefined ? {} : { artifacts: filesOf(artifacts) }),
    secondaryArtifacts: mapValues(artifacts.child('secondary-artifacts').children(), filesOf),
    cachePaths: spec.child('cache').list('paths'),
  };
}

function phaseOf(phase: Fields): Phase {
  const onFailure = phase.get('on-failure');
  return {
    commands: phase.list('commands'),
    finally: phase.list('finally'),
    // A RETRY is an ABORT here: a failure that goes away by itself is worth a second look.
    ...(onFailure === undefined ? {} : { onFailure: onFailure === 'CONTINUE' ? 'CONTINUE' : 'ABORT' }),
  };
}

function filesOf(artifact: Fields): ArtifactFiles {
  const isYes = (name: string) => ['yes', 'true'].includes(String(artifact.get(name)));
  return {
    files: artifact.list('files'),
    exclude: artifact.list('exclude-paths'),
    baseDirectory: String(artifact.get('base-directory') ?? '.'),
    discardPaths: isYes('discard-paths'),
    links: isYes('enable-symlinks'),
  };
}

/** A mapping of the buildspec, and where it is in there. */
class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #refuse: (what: string) => never;

  constructor(value: unknown, path: string, refuse: (what: string) => never) {
    if (typeof (value ?? {}) !== 'object' || Array.isArray(value)) {
      refuse(`has ${path === '' ? 'no mapping at its top' : `something else than a mapping in ${path}`}`);
    }
    this.#values = (value ?? {}) as Record<string, unknown>;
    this.#path = path;
    this.#refuse = refuse;
  }

  get(name: string): unknown {
    return this.#values[name] ?? undefined;
  }

  child(name: string): Fields {
    return new Fields(this.#values[name], this.#inner(name), this.#refuse);
  }

  children(): Record<string, Fields> {
    return Object.fromEntries(Object.keys(this.#values).map((name) => [name, this.child(name)]));
  }

  /** A list of texts; a single one counts as a list. Numbers and booleans are texts to a shell. */
  list(name: string): string[] {
    return [this.get(name) ?? []].flat().map((item, index) => {
      // `- echo a: b` is a mapping in YAML.
      if (typeof item === 'object') this.#refuse(`has no text in ${this.#inner(name)}[${index}]: put it in quotes`);
      return String(item);
    });
  }

  strings(name: string): Record<string, string> {
    return mapValues(this.child(name).#values, (value) => String(value ?? ''));
  }

  #inner(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
