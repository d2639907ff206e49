import type { AwsClients } from './contract.ts';
import { explain } from './explain.ts';

/**
 * Credentials that are not accepted and an unreachable endpoint are one failure, not one for each stack.
 *
 * @throws Failure if the caller's credentials cannot be used at all
 */
export async function requireCaller(aws: Pick<AwsClients, 'caller'>): Promise<void> {
  await aws.caller().catch((error: unknown) => {
    const failure = explain(error);
    // Without a region of their own, credentials still work in those of the stacks.
    if (failure.code !== 'NoRegion') throw failure;
  });
}
