import { join } from 'node:path';
import { start, type StartedProcess } from '../bed/process.ts';
import type { TestBed } from '../bed/test-bed.ts';

/** Publishes and deploys an assembly by the executors themselves, in a process of their own. */
export function shipInProcess(
  bed: TestBed,
  assembly: string,
  environment: Readonly<Record<string, string>>,
  options: object = {},
): StartedProcess {
  const program = join(import.meta.dirname, '..', 'bed', 'run-executors.ts');
  const steps = ['publish', JSON.stringify({ assembly }), 'deploy', JSON.stringify({ assembly, ...options })];
  return start(process.execPath, ['--no-warnings', program, bed.folder, ...steps], {
    cwd: bed.folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: bed.folder, ...environment },
  });
}
