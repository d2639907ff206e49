import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReleaseSigning } from '@nx-cdk/environments';
import { writeAuthorityBundles } from './authority-bundles.ts';
import { LocalAwsError } from './local-aws-error.ts';
import { controlRequest } from './local-request.ts';
import { PROJECT_ROOT, instanceFiles, stateRoot, workspaceRoot } from './locations.ts';
import type { PythonEnvironment } from './python-environment.ts';
import { type RunningInstance, killGroup, runningInstance } from './running-instance.ts';

/** The shim's exit code for a port that is taken (shim/local_aws/__main__.py). */
const EXIT_PORT_IN_USE = 98;

const START_TIMEOUT = 90_000;

export interface ServerOptions {
  /** Where the instance keeps its certificate, log and temporary files; absolute. Made if missing. */
  readonly directory: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The account that `OrganizationAccountAccessRole` trusts in every other account. */
  readonly managementAccount: string;
  readonly region: string;
  /** A KMS key that is there from the start, under this ARN. @default none */
  readonly signing?: ReleaseSigning;
  /** Refuse what the local AWS does not know, instead of making placeholders. @default false */
  readonly strict?: boolean;
  /** The server ends when the process with this id does. @default it goes on */
  readonly ownerPid?: number;
}

/**
 * Starts the server of an instance in the background and waits until it answers over TLS.
 *
 * @throws LocalAwsError `PortInUse`, or `StartFailed` with the end of its log; the signal's reason
 */
export async function startServer(
  python: PythonEnvironment,
  options: ServerOptions,
  signal?: AbortSignal,
): Promise<RunningInstance> {
  const { directory, port } = options;
  const files = instanceFiles(directory);
  await rm(files.temporary, { recursive: true, force: true });
  await rm(files.state, { force: true });
  await mkdir(files.temporary, { recursive: true, mode: 0o700 });

  const log = openSync(files.log, 'w', 0o600);
  // A process group of its own: Ctrl-C in the starter's terminal does not reach it, and its Lambda workers can be ended
  // with it.
  const child = spawn(python.executable, ['-m', 'local_aws', '--directory', directory, '--port', String(port)], {
    cwd: directory,
    env: serverEnvironment(python, options),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  try {
    const instance = await untilReady(child, options, signal);
    child.unref();
    return instance;
  } catch (error) {
    killGroup(child.pid);
    throw error;
  }
}

async function untilReady(
  child: ChildProcess,
  { directory, port }: ServerOptions,
  signal?: AbortSignal,
): Promise<RunningInstance> {
  let ended: string | undefined;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, killedBy) => (ended = code === null ? `ended by ${killedBy}` : `exit code ${code}`));
  const deadline = Date.now() + START_TIMEOUT;
  while (ended === undefined && Date.now() < deadline) {
    const instance = await runningInstance(directory);
    if (instance && instance.pid === child.pid) {
      await writeAuthorityBundles(directory);
      if (await answers(instance)) return instance;
    }
    await wait(50);
    signal?.throwIfAborted();
  }
  if (child.exitCode === EXIT_PORT_IN_USE)
    throw new LocalAwsError(
      'PortInUse',
      `Port ${port} of 127.0.0.1 is in use by another program: choose another with --port=<number>, or --port=0 for any free one.`,
    );
  const { log } = instanceFiles(directory);
  throw new LocalAwsError(
    'StartFailed',
    `The local AWS did not start (${ended ?? 'no answer in time'}); the end of its log, ${log}:\n${await logTail(log)}`,
  );
}

async function answers(instance: RunningInstance): Promise<boolean> {
  try {
    const health = await controlRequest(instance, '/_ministack/health', { timeoutMilliseconds: 5_000 });
    return health.status === 200 && ((await health.json()) as { auth?: string }).auth === 'enabled';
  } catch {
    return false;
  }
}

/**
 * What the server and its Lambda functions see of this machine: named one by one, so that no key, profile or endpoint
 * of the person who starts it becomes part of the local AWS.
 */
function serverEnvironment(python: PythonEnvironment, options: ServerOptions): NodeJS.ProcessEnv {
  const files = instanceFiles(options.directory);
  const kept = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];
  // Lambda's Node runtimes have the AWS SDK v3 (docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html). Here it comes
  // from the workspace, with everything else that is installed: a package that a handler forgets to bundle is found.
  // pnpm keeps what packages depend on in a folder of its own.
  const modules = [
    join(workspaceRoot(), 'node_modules'),
    join(workspaceRoot(), 'node_modules', '.pnpm', 'node_modules'),
  ];
  return {
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
    // Functions run on the Node that runs this.
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: files.temporary,
    TMPDIR: files.temporary,
    // Where MiniStack writes keys and data that it does not put into TMPDIR.
    STATE_DIR: files.temporary,
    S3_DATA_DIR: files.temporary,
    PYTHONPATH: [join(PROJECT_ROOT, 'shim'), ...(python.packages ? [python.packages] : [])].join(delimiter),
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    BIND_HOST: process.env['BIND_HOST'] ?? '127.0.0.1',
    AUTH: 'true',
    USE_SSL: '1',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    LAMBDA_EXECUTOR: 'local',
    // No container of this machine is started, listed or removed.
    DOCKER_HOST: 'unix:///dev/null/docker-is-not-used',
    LOCAL_AWS_MANAGEMENT_ACCOUNT: options.managementAccount,
    ...(options.signing ? { LOCAL_AWS_SIGNING_KEY: `${options.signing.key} ${options.signing.algorithm}` } : {}),
    // What resource types there are, and what their attributes look like.
    LOCAL_AWS_SERVICE_SPEC: createRequire(import.meta.url).resolve('@aws-cdk/aws-service-spec/db.json.gz'),
    ...(options.strict ? { LOCAL_AWS_STRICT: 'true' } : {}),
    // Clients of AWS's SDK that no package of the workspace depends on, from the registry that this user has.
    LOCAL_AWS_SDK: join(stateRoot(), 'aws-sdk'),
    NPM_CONFIG_USERCONFIG: process.env['NPM_CONFIG_USERCONFIG'] ?? join(homedir(), '.npmrc'),
    NODE_PATH: modules.filter((folder) => existsSync(folder)).join(delimiter),
    NODE_EXTRA_CA_CERTS: files.extraAuthorities,
    ...(options.ownerPid ? { LOCAL_AWS_OWNER_PID: String(options.ownerPid) } : {}),
  };
}

async function logTail(file: string): Promise<string> {
  const content = await readFile(file, 'utf8').catch(() => '');
  return content.trimEnd().split('\n').slice(-20).join('\n') || '(the log is empty)';
}
