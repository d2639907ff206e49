import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { Shell } from './shell.ts';
import { stepEnvironment } from './step-environment.ts';

/** How shell steps run. */
export interface RunStepsOptions {
  /** Folder that the first step starts in; absolute. */
  readonly cwd: string;
  /** Of the role that the steps run with. @default - none: a step that asks AWS fails */
  readonly credentials?: AwsCredentialIdentity;
  readonly region?: string;
  /** Variables besides those of `stepEnvironment`; they win. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where endpoint, certificate, proxies and PATH are taken from. @default process.env */
  readonly outer?: NodeJS.ProcessEnv;
  /**
   * Whether a failing line ends its step (`set -eo pipefail`), as in GitHub and GitLab; CodeBuild looks at the last
   * line only. @default false
   */
  readonly errexit?: boolean;
  /** Whether every variable is exported, as in CodeBuild. @default false */
  readonly exportAll?: boolean;
  /** Ends the running step with all that it started. */
  readonly signal?: AbortSignal;
  /** Hears of each line of output as it comes. */
  readonly onLine?: (line: string, step: number) => void;
}

/** How a list of steps ended. */
export interface StepsEnd {
  /** 0, or the exit code of the step that failed; 128 + n if signal n ended it. */
  readonly code: number;
  /** Index of the step that failed; those after it did not run. */
  readonly failed?: number;
  /** What all steps wrote, stdout and stderr in order, without colours, secrets masked. */
  readonly output: string;
  /** The exported variables after the last step, credentials included: not for a log. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder after the last step. */
  readonly cwd: string;
}

/**
 * Runs shell steps one after the other in bash, as a CI does, and stops at the first that fails. Exported variables and
 * the folder carry over from step to step. The environment is `stepEnvironment`'s, with a home folder of its own: of
 * the caller's, the steps see nothing but endpoint, certificate, PATH, proxies and npm's settings.
 *
 * Never throws for an exit code.
 *
 * @param steps shell text, of one line or several
 * @throws Error if there is no bash
 */
export async function runSteps(steps: readonly string[], options: RunStepsOptions): Promise<StepsEnd> {
  const home = await mkdtemp(join(tmpdir(), 'nx-cdk-steps-'));
  const { cwd, credentials, region, env: variables, signal, errexit, exportAll } = options;
  const lines: string[] = [];
  let step = 0;
  const shell = new Shell({
    cwd,
    env: stepEnvironment(options.outer ?? process.env, { credentials, region, home, variables }),
    scratch: home,
    signal,
    errexit,
    exportAll,
    onLine: (line) => {
      lines.push(line);
      options.onLine?.(line, step);
    },
  });
  const end = (rest: Pick<StepsEnd, 'code' | 'failed'>): StepsEnd => ({
    ...rest,
    output: lines.map((line) => `${line}\n`).join(''),
    env: shell.env,
    cwd: shell.cwd,
  });
  try {
    for (; step < steps.length; step += 1) {
      const code = await shell.run(steps[step]!);
      if (code !== 0) return end({ code, failed: step });
    }
    return end({ code: 0 });
  } finally {
    shell.dispose();
    await rm(home, { recursive: true, force: true });
  }
}
