import type { CiStep } from '@nx-cdk/environments';
import type { Workspace } from './workspace.ts';

/** The folder whose content a step hands over. */
export const HANDOVER = 'handover';

/** The artifacts of the pipeline. Their first ten characters are part of the keys that a role may use. */
export const ARTIFACTS = {
  source: 'Source',
  /** The commit with its history, and the packages that later steps need. */
  workspace: 'Workspace',
  /** The assemblies of all apps but the pipeline. */
  assemblies: 'Assemblies',
  /** The assembly of the pipeline. */
  pipeline: 'Pipeline',
} as const;

/** The archive that Tools makes. */
const WORKSPACE = { file: 'workspace.tar.gz', digest: 'WORKSPACE' } as const;

/** The archive of assemblies: nothing in it is run. */
const ASSEMBLIES = { file: 'assemblies.tar.gz', digest: 'ASSEMBLIES' } as const;

/** What the first steps tell the later ones, by CodePipeline: no step can write it once it has ended. */
export const VARIABLES = { tools: [WORKSPACE.digest], synth: ['RELEASES', ASSEMBLIES.digest] } as const;

/**
 * Tools writes the commit here, for the deployment records: in an action whose input is the output of another one,
 * `CODEBUILD_RESOLVED_SOURCE_VERSION` is no commit. In git's folder, it is no file of the workspace.
 */
const RELEASED_COMMIT = '.git/released-commit';

/** As in nx.json: CodeBuild's caches cannot hold Nx's default, which is in the home folder. */
const NX_CACHE = '.nx/cache';
/** Nx's list of what is in it. */
const NX_CACHE_LIST = '.nx/workspace-data/*.db';

/** What Synth keeps for its next run. Not npm's cache: that takes longer than downloading the packages again. */
export const CACHED_PATHS = [`${NX_CACHE}/**/*`, NX_CACHE_LIST];

/** What later steps do not need. */
const NOT_HANDED_OVER = [
  HANDOVER,
  // Types, source maps and manuals are almost half of the files of all packages.
  'node_modules/*.d.ts',
  'node_modules/*.map',
  'node_modules/*.md',
  // Headers and manuals of Node.
  'node_modules/node-linux-*/include',
  'node_modules/node-linux-*/share',
];

/** What a step runs: the commands of two phases, in one shell. */
export interface StepCommands {
  readonly install: readonly string[];
  readonly build: readonly string[];
}

/** The workspace's own tools, and its own Node, come before those of the image. */
const OWN_TOOLS_FIRST = 'export PATH="$PWD/node_modules/.bin:$PATH"';

/**
 * Some sources bring no history (a GitHub repository by a token, a zip without `.git`), but Nx needs a repository. They
 * get one of a single commit, so everything counts as affected. A zip has a version that is no commit: then the new
 * commit is what was released.
 */
const ENSURE_REPOSITORY = [
  'if [ -e .git ] && git rev-parse --verify --quiet HEAD > /dev/null; then',
  `git rev-parse HEAD > ${RELEASED_COMMIT};`,
  'else',
  'git init --quiet && git add --all',
  '&& git -c user.name=pipeline -c user.email=pipeline@localhost commit --quiet --message="Source of the pipeline"',
  `&& { echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | grep -Ex '[0-9a-f]{40}' || git rev-parse HEAD; } > ${RELEASED_COMMIT};`,
  'fi',
].join(' ');

/** CodeBuild's images bring Node and Go, but no Rust; Amazon Linux has a package of it. */
const ENSURE_RUST = [
  `if [ -n "$(git ls-files '*Cargo.toml')" ] && ! command -v cargo > /dev/null; then`,
  'dnf install -y -q cargo;',
  'fi',
].join(' ');

/** Makes the archive of a folder, and a variable of its digest. */
function handOver({ file, digest }: typeof WORKSPACE | typeof ASSEMBLIES, content: string): string[] {
  return [
    `mkdir -p ${HANDOVER}`,
    // Packed lightly: a third of the time of gzip's default, for a tenth more bytes that go to the same region.
    `tar -I 'gzip -1' -cf ${HANDOVER}/${file} ${content}`,
    `export ${digest}="$(sha256sum ${HANDOVER}/${file} | cut -c 1-64)"`,
  ];
}

/** Commands of the step that installs the tools of all later ones. It runs no code of an app or a package. */
export function toolsCommands({ provide, installTools, leftovers }: Workspace): StepCommands {
  const [handover, ...others] = NOT_HANDED_OVER;
  const left = [handover, ...leftovers, ...others];
  return {
    install: [ENSURE_REPOSITORY, ...provide, installTools],
    build: handOver(WORKSPACE, `${left.map((path) => `--exclude='./${path}'`).join(' ')} .`),
  };
}

/**
 * Commands of a step that runs the code of apps and of their packages.
 *
 * @param step says which
 */
export function synthCommands(step: CiStep, { provide, install }: Workspace): StepCommands {
  return {
    install: [ENSURE_REPOSITORY, ENSURE_RUST, ...provide, install, OWN_TOOLS_FIRST],
    build: [
      ...step.commands(),
      // A line of its own: in `export`, its failure would not be noticed.
      'RELEASES="$(npx nx-cdk hand-over --folder=assemblies)"',
      'export RELEASES',
      ...handOver(ASSEMBLIES, '-C assemblies .'),
    ],
  };
}

/** What a later step starts with: the tools that Tools has installed, after an archive was compared with its digest. */
function takeTools(comparing: string, refusal: string): string[] {
  return [
    `${comparing} | sha256sum --check --strict --quiet || { echo "${refusal} Start the pipeline again." >&2; false; }`,
    `tar -xzf ${WORKSPACE.file} && rm ${WORKSPACE.file}`,
    OWN_TOOLS_FIRST,
  ];
}

/** Tools tells the commit by a file of the workspace, and Synth the releases by a variable. */
const TOLD = { commit: `"$(cat ${RELEASED_COMMIT})"`, releases: '"$RELEASES"' };

/**
 * Commands of a step that publishes: its tools come from Tools, and from Synth only assemblies, which are compared.
 *
 * @param artifact which assemblies
 */
export function publishCommands(step: CiStep, artifact: string): StepCommands {
  // CodeBuild puts it beside the workspace, so nothing in it can take the place of a tool.
  const folder = `$CODEBUILD_SRC_DIR_${artifact}`;
  const archive = `"${folder}/${ASSEMBLIES.file}"`;
  return {
    install: [
      ...takeTools(
        `printf '%s  %s\\n' "$${WORKSPACE.digest}" ${WORKSPACE.file} "$${ASSEMBLIES.digest}" ${archive}`,
        'An archive is not what Tools or Synth handed over: it was replaced.',
      ),
      `mkdir "${folder}/assemblies" && tar -xzf ${archive} -C "${folder}/assemblies"`,
      `npx nx-cdk take-over --folder="${folder}/assemblies" --releases="$RELEASES"`,
    ],
    build: step.commands(TOLD),
  };
}

/**
 * Commands of a step that deploys what was published: its tools come from Tools, and from Synth the digests of the
 * releases alone. `deploy --release` fetches each assembly out of a staging bucket, and compares it.
 */
export function deployCommands(step: CiStep): StepCommands {
  return {
    install: takeTools(
      `printf '%s  %s\\n' "$${WORKSPACE.digest}" ${WORKSPACE.file}`,
      'The workspace is not what Tools handed over: it was replaced.',
    ),
    build: step.commands(TOLD),
  };
}
