import { Skipped } from '../cloudformation/index.ts';
import type { Failure, ReportedFailure } from '../failure/index.ts';
import type { ItemEnd } from '../progress/index.ts';
import { explain } from '../aws/index.ts';

/** Checks that are made after the stacks of an environment, before later environments begin. */
export interface Verification {
  /** Names of the environments that have one. */
  readonly environments: readonly string[];
  /**
   * Checks an environment. An interruption has to end it.
   *
   * @param outputs of its stacks in this run, in the form of `outputsOf`
   * @throws Failure if it is not as it should be
   */
  verify(environment: string, outputs: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void>;
}

/** How the check of an environment ended. Plain data. */
export interface VerificationReport {
  readonly environment: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  readonly detail?: string;
  readonly failure?: ReportedFailure;
}

/** The id of the node of a check in the graph. */
export function verificationId(environment: string): string {
  return `verify:${environment}`;
}

/** Makes a check; what it throws is how it ends. */
export async function endOfCheck(id: string, check: () => Promise<void>): Promise<ItemEnd> {
  try {
    await check();
    return { outcome: 'passed' };
  } catch (error) {
    if (error instanceof Skipped) return { outcome: 'skipped', detail: error.message };
    const failure: Failure = explain(error);
    const { reported } = failure.subject === undefined ? failure.of(id) : failure;
    return { outcome: 'failed', detail: reported.message, failure: reported };
  }
}
