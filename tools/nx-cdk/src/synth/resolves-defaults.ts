import { isCI } from '@nx-cdk/processes';
import { type CdkJson, ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT } from '../cdk-json/index.ts';
import { missedConfiguration } from '../inputs/index.ts';

/**
 * Whether an app gets the account and region of the caller as its default: one with an environments file names those
 * that it deploys to, and must not depend on who synthesizes it. Nor may what a CI makes.
 *
 * @param wanted what somebody has asked for. @default - as it follows from the app
 */
export function resolvesDefaults(
  { context = {} }: CdkJson,
  wanted: boolean | undefined,
  environment: NodeJS.ProcessEnv,
): boolean {
  const namesItsOwn = [ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT].some((key) => context[key] !== undefined);
  return (wanted ?? (!namesItsOwn && !isCI(environment))) && missedConfiguration(environment) === undefined;
}
