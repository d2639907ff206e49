import { mkdir, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, withLock } from '@nx-cdk/processes';
import { LocalAwsError } from './local-aws-error.ts';
import { controlRequest } from './local-request.ts';
import { instanceFiles } from './locations.ts';
import { pythonEnvironment } from './python-environment.ts';
import { type RunningInstance, isServerOf, killGroup, runningInstance } from './running-instance.ts';
import { type ServerOptions, startServer } from './server-process.ts';

/** How long a server may take to end by itself before it is killed, in milliseconds. */
const STOP_TIMEOUT = 5_000;

/**
 * Starts the instance in `options.directory`, or finds it running.
 *
 * @param signal ends the start, and what it has begun
 * @throws LocalAwsError `NoPython`, `InstallFailed`, `PortInUse`, `StartFailed`; the signal's reason
 */
export async function start(
  options: ServerOptions,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ instance: RunningInstance; alreadyRunning: boolean }> {
  if (process.platform === 'win32')
    throw new LocalAwsError('StartFailed', 'The local AWS runs on Linux and macOS; on Windows, work inside WSL.');
  const { directory } = options;
  const before = await runningInstance(directory);
  if (before) return { instance: before, alreadyRunning: true };
  await makePrivate(directory);
  const python = await pythonEnvironment(log, { signal });
  const startUnlessRunning = async () => {
    // Asked again behind the lock: another start may have been faster.
    const running = await runningInstance(directory);
    if (running) return { instance: running, alreadyRunning: true };
    log('Starting the local AWS');
    return { instance: await startServer(python, options, signal), alreadyRunning: false };
  };
  return withLock(instanceFiles(directory).lock, startUnlessRunning, signal);
}

/**
 * Makes the folder of an instance. One that is there has to be this user's, and nobody else may write to it: who can
 * put another file in place of the secret would own the instance.
 *
 * @throws LocalAwsError `BadOption`
 */
async function makePrivate(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(directory);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return;
  throw new LocalAwsError(
    'BadOption',
    `${directory} would hold the secret of the local AWS, and others may write to it: ` +
      'make it yours alone (chmod 700), or name another with --directory.',
  );
}

/** Ends the instance, first politely. Returns false if none runs. */
export async function stop(directory: string): Promise<boolean> {
  const running = await runningInstance(directory);
  if (!running) return false;
  const { state, lock } = instanceFiles(directory);
  return withLock(lock, async () => {
    // Asked again behind the lock: only a process that is still this instance's server gets a signal.
    if (!(await isServerOf(directory, running.pid))) return false;
    process.kill(running.pid, 'SIGTERM');
    const deadline = Date.now() + STOP_TIMEOUT;
    while (isAlive(running.pid) && Date.now() < deadline) await wait(50);
    if (await isServerOf(directory, running.pid)) killGroup(running.pid);
    await rm(state, { force: true });
    return true;
  });
}

/**
 * The instance that runs in this directory.
 *
 * @throws LocalAwsError `NotRunning`
 */
export async function requireRunning(directory: string): Promise<RunningInstance> {
  const running = await runningInstance(directory);
  if (running) return running;
  throw new LocalAwsError('NotRunning', 'The local AWS is not running: start it with "npx local-aws start".');
}

/**
 * Empties every account. The process, its port and its certificate stay.
 *
 * @returns where it answers
 * @throws LocalAwsError `NotRunning`, `Unreachable`
 */
export async function reset(directory: string): Promise<string> {
  const running = await requireRunning(directory);
  const fails = (why: string, cause?: Error) =>
    new LocalAwsError('Unreachable', `The local AWS at ${running.endpoint} ${why}.`, { cause });
  const response = await controlRequest(running, '/_ministack/reset', { method: 'POST' }).catch((cause: Error) => {
    throw fails(`did not answer (${cause.message})`, cause);
  });
  if (response.status !== 200) throw fails(`refused to be reset: HTTP ${response.status}`);
  return running.endpoint;
}
