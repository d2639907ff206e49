import { Failure } from 'nx-cdk/failure';

/** The phases of a build, in order. */
export const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;

export type PhaseName = (typeof PHASES)[number];

/** Commands of one phase. */
export interface Phase {
  readonly commands: readonly string[];
  /** Run at the end of the phase, whether it failed or not. */
  readonly finally: readonly string[];
  /**
   * What a failure of the phase means for those after it; without it, `build` goes on to `post_build` and the others
   * end the build.
   */
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
 * Reads a buildspec of version 0.2, in YAML or JSON. What makes no difference on a machine of one's own is passed over:
 * `run-as`, `proxy`, `runtime-versions`, `reports`.
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)
 *
 * @param text the whole buildspec
 * @param where whose it is, for error messages: `the project demo-synth`
 * @throws Failure `Buildspec` if CodeBuild would refuse it, or it asks for what cannot run here
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
  if (String(spec.raw('version')) !== '0.2') {
    refuse(`has the version ${String(spec.raw('version') ?? 'none')}, and only 0.2 can be rehearsed`);
  }
  const env = spec.child('env');
  const phases = spec.child('phases');
  const unknown = phases.names().find((name) => !(PHASES as readonly string[]).includes(name));
  if (unknown !== undefined)
    refuse(`has the phase ${unknown}, which CodeBuild does not know: there are ${PHASES.join(', ')}`);
  const artifacts = spec.child('artifacts');
  const secondary = artifacts.child('secondary-artifacts');
  return {
    variables: env.strings('variables'),
    parameterStore: env.strings('parameter-store'),
    secretsManager: env.strings('secrets-manager'),
    exportedVariables: env.list('exported-variables'),
    phases: Object.fromEntries(phases.names().map((name) => [name, phaseOf(phases.child(name))])),
    ...(artifacts.has('files') ? { artifacts: filesOf(artifacts) } : {}),
    secondaryArtifacts: Object.fromEntries(secondary.names().map((name) => [name, filesOf(secondary.child(name))])),
    cachePaths: spec.child('cache').list('paths'),
  };
}

function phaseOf(phase: Fields): Phase {
  const onFailure = phase.raw('on-failure');
  return {
    commands: phase.list('commands'),
    finally: phase.list('finally'),
    // Nothing is tried again here: a failure that goes away by itself is worth a second look.
    ...(onFailure === undefined ? {} : { onFailure: onFailure === 'CONTINUE' ? 'CONTINUE' : 'ABORT' }),
  };
}

function filesOf(artifact: Fields): ArtifactFiles {
  return {
    files: artifact.list('files'),
    exclude: artifact.list('exclude-paths'),
    baseDirectory: String(artifact.raw('base-directory') ?? '.'),
    discardPaths: isYes(artifact.raw('discard-paths')),
    links: isYes(artifact.raw('enable-symlinks')),
  };
}

function isYes(value: unknown): boolean {
  return value === true || value === 'yes' || value === 'true';
}

/** A mapping of the buildspec, and where in it. */
class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #refuse: (what: string) => never;

  constructor(value: unknown, path: string, refuse: (what: string) => never) {
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      refuse(`has ${path === '' ? 'no mapping at its top' : `something else than a mapping in ${path}`}`);
    }
    this.#values = (value ?? {}) as Record<string, unknown>;
    this.#path = path;
    this.#refuse = refuse;
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  raw(name: string): unknown {
    return this.#values[name];
  }

  child(name: string): Fields {
    return new Fields(this.#values[name], this.#inner(name), this.#refuse);
  }

  /** A list of texts; a single one counts as a list. Numbers and switches are texts to a shell. */
  list(name: string): string[] {
    const value = this.#values[name];
    if (value === undefined || value === null) return [];
    return [value].flat().map((item, index) => {
      // `- echo a: b` is a mapping in YAML.
      if (typeof item === 'object') this.#refuse(`has no text in ${this.#inner(name)}[${index}]: put it in quotes`);
      return String(item);
    });
  }

  strings(name: string): Record<string, string> {
    const child = this.child(name);
    return Object.fromEntries(child.names().map((key) => [key, String(child.raw(key) ?? '')]));
  }

  #inner(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
