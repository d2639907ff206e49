import { type CiStep, synthStep } from '@libs/environments';

/** The folder whose content Synth hands over to the later steps. */
export const HANDOVER = 'handover';

const ARCHIVE = 'workspace.tar.gz';

/**
 * Synth writes the commit here, for the deployment records: in an action whose input is the output of another one,
 * `CODEBUILD_RESOLVED_SOURCE_VERSION` is no commit. In git's folder, it is no file of the workspace.
 */
const RELEASED_COMMIT = '.git/released-commit';

const NPM_CACHE = '.npm-cache';
/** As in nx.json: CodeBuild's caches cannot hold Nx's default, which is in the home folder. */
const NX_CACHE = '.nx/cache';
/** Nx's list of what is in it. */
const NX_CACHE_LIST = '.nx/workspace-data/*.db';

/** What Synth keeps for its next run. Not npm's cache: that takes longer than downloading the packages again. */
export const CACHED_PATHS = [`${NX_CACHE}/**/*`, NX_CACHE_LIST];

/** What later steps do not need. */
const NOT_HANDED_OVER = [
  HANDOVER,
  NPM_CACHE,
  NX_CACHE,
  NX_CACHE_LIST,
  'node_modules/.cache',
  // Types, source maps and manuals are almost half of the files of all packages.
  'node_modules/*.d.ts',
  'node_modules/*.map',
  'node_modules/*.md',
  // Headers and manuals of Node.
  'node_modules/node-linux-*/include',
  'node_modules/node-linux-*/share',
  // Compilers, and what they write besides the program.
  '.toolchains',
  'libs/handlers/*/target',
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

/** Commands of the only step that installs anything and runs the code of others. */
export function synthCommands(): StepCommands {
  return {
    install: [
      ENSURE_REPOSITORY,
      ENSURE_RUST,
      `npm ci --ignore-scripts --no-audit --no-fund --cache ${NPM_CACHE}`,
      OWN_TOOLS_FIRST,
    ],
    build: [
      ...synthStep().commands(),
      'npm prune --omit=dev --ignore-scripts',
      `mkdir -p ${HANDOVER}`,
      // Packed lightly: a third of the time of gzip's default, for a tenth more bytes that go to the same region.
      `tar -I 'gzip -1' -cf ${HANDOVER}/${ARCHIVE} ${NOT_HANDED_OVER.map((path) => `--exclude='./${path}'`).join(' ')} .`,
    ],
  };
}

/** Commands of a later step. Nothing is installed where credentials are: what Synth installed comes along. */
export function laterCommands(step: CiStep): StepCommands {
  return {
    install: [`tar -xzf ${ARCHIVE}`, `rm ${ARCHIVE}`, OWN_TOOLS_FIRST],
    build: step.commands({ commit: `"$(cat ${RELEASED_COMMIT})"` }),
  };
}
