import { basename, delimiter, join } from 'node:path';
import { type CdkJson, ENVIRONMENT_CONTEXT } from '../cdk-json/index.ts';

/** The app, and what it may see of the environment. */
export interface EnvironmentRequest {
  readonly workspaceRoot: string;
  /** Folder of the `cdk.json`. */
  readonly projectRoot: string;
  readonly config: CdkJson;
  /** Names of further variables that the app gets, with `*` for anything, as in `STAGE_*`. @default none */
  readonly passEnvironment?: readonly string[];
}

/** The environment of a process, in two parts. */
export interface AppEnvironment {
  /** What the app gets. All of it is an input of the cache, but for {@link COLOURS}. */
  readonly passed: Readonly<Record<string, string>>;
  /** Names of the other variables. */
  readonly withheld: readonly string[];
}

/**
 * What programs need in order to run, and what CDK itself reads. No credentials and nothing else of AWS: lookups are
 * made outside of the app. `SSH_AUTH_SOCK` and tokens are left out for the same reason.
 */
const PASSED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'PWD', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'LANGUAGE', 'LC_*', 'TZ'],
  ...['CI', 'CDK_*', 'JSII_*', 'DOCKER_*', 'BUILDX_*', 'BUILDKIT_*', 'CONTAINER_HOST', 'XDG_*', 'LD_LIBRARY_PATH'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
  // Node and its package managers; npm's own settings may hold tokens.
  ...['NODE_OPTIONS', 'NODE_ENV', 'NODE_PATH', 'NODE_NO_WARNINGS', 'NVM_*', 'VOLTA_*', 'FNM_*', 'COREPACK_*'],
  ...['npm_config_cache', 'npm_config_offline', 'PNPM_HOME', 'TS_NODE_*', 'TSX_*', 'ASDF_*', 'MISE_*'],
  // Other languages.
  ...['VIRTUAL_ENV', 'PYTHON*', 'PYENV_*', 'CONDA_PREFIX', 'UV_*', 'PIPENV_*', 'POETRY_*', 'JAVA_HOME', 'JAVA_OPTS'],
  ...['MAVEN_*', 'M2_HOME', 'GRADLE_*', 'DOTNET_*', 'NUGET_PACKAGES', 'GO*', 'CGO_*', 'CARGO_*', 'RUST*', 'NIX_*'],
  ...['SystemRoot', 'ComSpec', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'ProgramFiles*'],
];

/** What matches a pattern above, and may be secret all the same. */
const SECRET = /TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|_AUTH|^UV_INDEX|^POETRY_HTTP|^GOOGLE_/i;

/** How words are coloured: passed, but no input. */
const COLOURS = ['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR'];

/**
 * Splits an environment into what an app gets and what it does not get. Besides the usual, it gets what its `cdk.json`
 * names: in a command (`$STAGE`), or in the list of a context key.
 */
export function appEnvironment(request: EnvironmentRequest, environment: NodeJS.ProcessEnv): AppEnvironment {
  const { workspaceRoot, projectRoot, config, passEnvironment = [] } = request;
  const commands = `${config.build ?? ''} ${config.app ?? ''}`;
  const inCommands = [...commands.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!);
  const listed = config.context?.[ENVIRONMENT_CONTEXT];
  const isNamed = matcher([...inCommands, ...passEnvironment, ...(Array.isArray(listed) ? listed.map(String) : [])]);
  const isUsual = matcher([...PASSED, ...COLOURS]);
  const names = Object.keys(environment).toSorted();
  const goes = (name: string) => isNamed(name) || (isUsual(name) && !SECRET.test(name));
  const passed = Object.fromEntries(names.filter(goes).map((name) => [name, environment[name] ?? '']));
  return {
    passed: { ...passed, PWD: projectRoot, PATH: pathOf(environment['PATH'] ?? '', [projectRoot, workspaceRoot]) },
    withheld: names.filter((name) => !goes(name)),
  };
}

/** What of it is an input of a synthesis. */
export function inputsOf({ passed }: AppEnvironment): Record<string, string> {
  return Object.fromEntries(Object.entries(passed).filter(([name]) => !COLOURS.includes(name)));
}

/**
 * The tools of the app and of the workspace come first, such as the Node that the workspace pins, even if Nx runs with
 * another. What npm puts there depends on how Nx was called (`npx nx`, `npm start`), and is left out.
 */
function pathOf(path: string, folders: readonly string[]): string {
  const own = folders.map((folder) => join(folder, 'node_modules', '.bin'));
  const ofNpm = (entry: string) => basename(entry) === '.bin' || basename(entry) === 'node-gyp-bin';
  return [...new Set([...own, ...path.split(delimiter).filter((entry) => entry !== '' && !ofNpm(entry))])].join(
    delimiter,
  );
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const sources = patterns.map((pattern) => pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'));
  const expression = new RegExp(`^(${sources.join('|')})$`);
  return (name) => expression.test(name);
}

/** Loaded into each Node process of an app. */
export const FOLLOW = join(import.meta.dirname, 'follow.cjs');
