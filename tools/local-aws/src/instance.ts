import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, withLock } from '@libs/processes';
import { endpointOf, runningInstance, type InstanceState } from './instance-state.ts';
import { LocalAwsError } from './local-aws-error.ts';
import { localRequest } from './local-request.ts';
import { instanceFiles, stateRoot } from './locations.ts';
import { isServerOf, killGroup } from './process-identity.ts';
import { pythonEnvironment } from './python-environment.ts';
import { startServer, type ServerOptions } from './server-process.ts';

/** How long a server may take to end by itself before it is killed. */
const stopTimeoutMilliseconds = 5_000;

/**
 * Starts the instance in `options.directory`, or finds it running.
 *
 * @throws LocalAwsError `NoPython`, `InstallFailed`, `PortInUse`, `StartFailed`
 */
export async function start(
  options: ServerOptions,
  log: (line: string) => void,
): Promise<{ state: InstanceState; alreadyRunning: boolean }> {
  if (process.platform === 'win32')
    throw new LocalAwsError('StartFailed', 'The local AWS runs on Linux and macOS; on Windows, work inside WSL.');
  const before = await runningInstance(options.directory);
  if (before) return { state: before, alreadyRunning: true };
  await mkdir(options.directory, { recursive: true });
  const python = await pythonEnvironment(stateRoot(), log);
  return withLock(instanceFiles(options.directory).lock, async () => {
    // Asked again behind the lock: another start may have been faster.
    const running = await runningInstance(options.directory);
    if (running) return { state: running, alreadyRunning: true };
    log('Starting the local AWS');
    return { state: await startServer(python, options), alreadyRunning: false };
  });
}

/** Ends the instance, first politely. Returns false where none runs. */
export async function stop(directory: string): Promise<boolean> {
  const running = await runningInstance(directory);
  if (!running) return false;
  return withLock(instanceFiles(directory).lock, async () => {
    // Asked again behind the lock: only a process that is still this instance's server is ever sent a signal.
    if (!(await isServerOf(directory, running.pid))) return false;
    process.kill(running.pid, 'SIGTERM');
    const deadline = Date.now() + stopTimeoutMilliseconds;
    while (isAlive(running.pid) && Date.now() < deadline) await wait(50);
    if (await isServerOf(directory, running.pid)) killGroup(running.pid);
    await rm(instanceFiles(directory).state, { force: true });
    return true;
  });
}

/**
 * Empties every account. The process, its port and its certificate stay.
 *
 * @throws LocalAwsError `NotRunning`, `Unreachable`
 */
export async function reset(directory: string): Promise<InstanceState> {
  const running = await runningInstance(directory);
  if (!running)
    throw new LocalAwsError('NotRunning', 'The local AWS is not running: start it with "npx nx run local-aws:start".');
  const target = { endpoint: endpointOf(running), caFile: instanceFiles(directory).authority };
  const response = await localRequest(target, '/_ministack/reset', { method: 'POST' }).catch((cause: Error) => {
    throw new LocalAwsError('Unreachable', `The local AWS at ${target.endpoint} did not answer (${cause.message}).`, {
      cause,
    });
  });
  if (response.status !== 200)
    throw new LocalAwsError(
      'Unreachable',
      `The local AWS at ${target.endpoint} refused to be reset: HTTP ${response.status}.`,
    );
  return running;
}
