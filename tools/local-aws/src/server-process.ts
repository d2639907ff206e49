import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReleaseSigning } from '@libs/environments';
import { writeAuthorityBundles } from './authority-bundles.ts';
import { endpointOf, runningInstance, type InstanceState } from './instance-state.ts';
import { onInterrupt } from './interruption.ts';
import { LocalAwsError } from './local-aws-error.ts';
import { localRequest } from './local-request.ts';
import { killGroup } from './process-identity.ts';
import { instanceFiles, projectRoot, workspaceRoot } from './locations.ts';
import type { PythonEnvironment } from './python-environment.ts';

/** The shim's exit code for a port that is taken (shim/local_aws/__main__.py). */
const exitPortInUse = 98;

const startTimeoutMilliseconds = 90_000;

export interface ServerOptions {
  readonly directory: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly managementAccount: string;
  readonly region: string;
  /** A key that is there from the start. */
  readonly signing?: ReleaseSigning;
  /** The server ends when the process with this id does. */
  readonly ownerPid?: number;
  /** Where each AWS request is written as one JSON line. */
  readonly requestLog?: string;
}

/**
 * Starts the server of an instance in the background and waits until it answers over TLS.
 *
 * @throws LocalAwsError `PortInUse`, or `StartFailed` with the end of its log
 */
export async function startServer(python: PythonEnvironment, options: ServerOptions): Promise<InstanceState> {
  const files = instanceFiles(options.directory);
  await rm(files.temporary, { recursive: true, force: true });
  await rm(files.state, { force: true });
  await mkdir(files.temporary, { recursive: true, mode: 0o700 });

  const log = openSync(files.log, 'w', 0o600);
  // A process group of its own: Ctrl-C in the starter's terminal does not reach it, and its Lambda workers can be ended
  // with it.
  const child = spawn(
    python.executable,
    ['-m', 'local_aws', '--directory', options.directory, '--port', String(options.port)],
    { cwd: options.directory, env: serverEnvironment(python, options), detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const interrupted = onInterrupt(() => killGroup(child.pid));
  try {
    const state = await untilReady(child, options);
    child.unref();
    return state;
  } catch (error) {
    killGroup(child.pid);
    throw error;
  } finally {
    interrupted.dispose();
  }
}

async function untilReady(child: ChildProcess, options: ServerOptions): Promise<InstanceState> {
  let ended: string | undefined;
  let exitCode: number | null = null;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => {
    exitCode = code;
    ended = code === null ? `ended by ${signal}` : `exit code ${code}`;
  });
  const files = instanceFiles(options.directory);
  const deadline = Date.now() + startTimeoutMilliseconds;
  while (ended === undefined && Date.now() < deadline) {
    const state = await runningInstance(options.directory);
    if (state && state.pid === child.pid) {
      await writeAuthorityBundles(options.directory);
      if (await answers(state, files.authority)) return state;
    }
    await wait(50);
  }
  if (exitCode === exitPortInUse)
    throw new LocalAwsError(
      'PortInUse',
      `Port ${options.port} of 127.0.0.1 is in use by another program: choose another with --port=<number>, or --port=0 for any free one.`,
    );
  throw new LocalAwsError(
    'StartFailed',
    `The local AWS did not start (${ended ?? 'no answer in time'}); the end of its log, ${files.log}:\n${await logTail(files.log)}`,
  );
}

async function answers(state: InstanceState, caFile: string): Promise<boolean> {
  try {
    const health = await localRequest({ endpoint: endpointOf(state), caFile }, '/_ministack/health', {
      timeoutMilliseconds: 5_000,
    });
    return health.status === 200 && (JSON.parse(health.body.toString()) as { auth?: string }).auth === 'enabled';
  } catch {
    return false;
  }
}

/**
 * What the server and, through it, every Lambda function sees of this machine: named one by one, so that no key,
 * profile or endpoint of the person who starts it becomes part of the local AWS.
 */
function serverEnvironment(python: PythonEnvironment, options: ServerOptions): NodeJS.ProcessEnv {
  const files = instanceFiles(options.directory);
  const kept = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];
  // Lambda's Node runtimes have the AWS SDK v3 (docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html). Here it comes
  // from the workspace, together with whatever else is installed: a handler that forgets to bundle a package is not
  // found out here.
  const modules = join(workspaceRoot(), 'node_modules');
  return {
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
    // Functions run on the Node that runs this.
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: files.temporary,
    TMPDIR: files.temporary,
    // Where MiniStack writes keys and data that it does not put into TMPDIR.
    STATE_DIR: files.temporary,
    S3_DATA_DIR: files.temporary,
    PYTHONPATH: [join(projectRoot, 'shim'), ...(python.packages ? [python.packages] : [])].join(delimiter),
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
    AWS_SECRET_ACCESS_KEY: localSecret,
    LOCAL_AWS_MANAGEMENT_ACCOUNT: options.managementAccount,
    ...(options.signing ? { LOCAL_AWS_SIGNING_KEY: `${options.signing.key} ${options.signing.algorithm}` } : {}),
    ...(existsSync(modules) ? { NODE_PATH: modules } : {}),
    NODE_EXTRA_CA_CERTS: files.extraAuthorities,
    ...(options.ownerPid ? { LOCAL_AWS_OWNER_PID: String(options.ownerPid) } : {}),
    ...(options.requestLog ? { LOCAL_AWS_REQUEST_LOG: options.requestLog } : {}),
  };
}

/**
 * The secret of each account's root key. It is no secret: whoever reaches the endpoint (this machine only) owns every
 * account in it. It is MiniStack's default, so that scripts written for MiniStack work.
 */
export const localSecret = 'test';

/** The last lines of a log. */
export async function logTail(file: string, lines = 20): Promise<string> {
  const content = await readFile(file, 'utf8').catch(() => '');
  return content.trimEnd().split('\n').slice(-lines).join('\n') || '(the log is empty)';
}
