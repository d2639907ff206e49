import { DIFF_REPORTS } from '@libs/environments';
import { type CiSettings, type CiStage, DEFAULT_ENVIRONMENTS_FILE } from './settings.ts';

/**
 * What the jobs of every CI run, as lines of bash with `-eo pipefail`. Only synthesizing installs anything; every later
 * job works in what it handed over, so that no install script and no newer package gets near credentials.
 */

/** What a job hands over, relative to the folder it works in. */
export const HANDOVER = 'handover';
export const ARCHIVE = 'workspace.tar.gz';

/** npm's downloads, which npm compares with the lockfile whatever a cache holds. */
export const NPM_CACHE = '.npm-cache';

const INSTALL = [
  `npm ci --ignore-scripts --cache ${NPM_CACHE}`,
  '# The only install script that is needed: it brings the pinned Node.',
  'npm rebuild node',
];

/** Installs, synthesizes, and leaves out what later jobs do not need. */
export function synth(settings: CiSettings): string[] {
  return [...synthForDiff(settings), 'npm prune --omit=dev --ignore-scripts'];
}

/** The same for a proposed change: comparing stacks takes the CDK toolkit, which is a development dependency. */
export function synthForDiff(settings: CiSettings): string[] {
  return [...INSTALL, ...settings.synth.commands()];
}

/**
 * Go and Rust for handlers in them, if the image has neither; Debian's Go fetches the version that a module asks
 * for.
 */
export const COMPILERS = [
  `if [ -n "$(git ls-files '*go.mod' '*Cargo.toml')" ]; then`,
  '  apt-get update -qq && apt-get install -y -qq golang cargo',
  'fi',
];

/**
 * Docker's client, which the image has not; its engine runs beside the job, and may still be starting. GitHub's runners
 * have both.
 */
export function imageBuilder({ images }: CiSettings): string[] {
  if (!images) return [];
  return [
    'apt-get update -qq && apt-get install -y -qq docker-cli',
    "timeout 60 sh -c 'until docker info > /dev/null 2>&1; do sleep 1; done'",
  ];
}

/** What later jobs have no use for: what tools keep for themselves. And .git/config, where a CI may keep a token. */
const NOT_HANDED_OVER = [
  HANDOVER,
  NPM_CACHE,
  '.nx',
  '.toolchains',
  'node_modules/.cache',
  'libs/handlers/*/target',
  '.git/config',
];

/**
 * The whole workspace, with its history and its assemblies. Packed lightly: a third of the time of gzip's default, for
 * a tenth more bytes.
 */
export const HAND_OVER = [
  `mkdir -p ${HANDOVER}`,
  `tar -I 'gzip -1' -cf ${HANDOVER}/${ARCHIVE} ${NOT_HANDED_OVER.map((path) => `--exclude='./${path}'`).join(' ')} .`,
];

/** Into the job's folder, which holds nothing else. */
export const UNPACK = [`tar -xzf ${HANDOVER}/${ARCHIVE} --no-same-owner`, `rm -r ${HANDOVER}`];

/** Into a new folder: for a job whose own one may hold what an earlier one left there. */
export const UNPACK_BESIDE = [
  'rm -rf workspace && mkdir workspace',
  `tar -xzf ${HANDOVER}/${ARCHIVE} --no-same-owner -C workspace`,
  'cd workspace',
];

/**
 * Credentials by a token that a variable of the CI holds: the SDK asks STS for them, and for new ones later. It takes
 * the token from a file, which goes with the shell: not every runner has a disk of its own for each job.
 */
export function webIdentity(tokenVariable: string): string[] {
  return [
    'AWS_WEB_IDENTITY_TOKEN_FILE="$(mktemp)"',
    `trap 'rm -f "$AWS_WEB_IDENTITY_TOKEN_FILE"' EXIT`,
    'export AWS_WEB_IDENTITY_TOKEN_FILE',
    `printf '%s' "$${tokenVariable}" > "$AWS_WEB_IDENTITY_TOKEN_FILE"`,
  ];
}

/** Deploys to the group that the job has in $GROUP, and to the targets in $TARGETS. */
export function deploy({ environmentsFile }: CiSettings, { jobs }: CiStage): string[] {
  const words = { group: '"$GROUP"', targets: '"$TARGETS"' };
  if (environmentsFile === DEFAULT_ENVIRONMENTS_FILE) return jobs[0]!.commands(words);
  return jobs[0]!.commands({ ...words, environmentsFile });
}

/** Shows the reports of a diff on its pull request. */
export const COMMENT = [`npx nx-cdk comment --reports=${DIFF_REPORTS}`];

/** Lines below a `key: |`, indented by some columns. */
export function block(lines: readonly string[], indent: number): string {
  return lines.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
}
