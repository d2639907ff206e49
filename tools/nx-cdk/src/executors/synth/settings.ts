import { isCI } from '@nx-cdk/processes';
import { type CdkJson, ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT } from '../../cdk-json/index.ts';
import { missedConfiguration } from '../../inputs/index.ts';
import type { SynthExecutorSchema } from './schema.d.ts';

/**
 * Whether an app gets the account and region of the caller as its default: one with an environments file names those
 * that it deploys to, and must not depend on who synthesizes it. Nor may what a CI makes.
 */
export function resolvesDefaults(
  { context = {} }: CdkJson,
  { defaultEnvironment }: SynthExecutorSchema,
  environment: NodeJS.ProcessEnv,
): boolean {
  const namesItsOwn = [ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT].some((key) => context[key] !== undefined);
  return (defaultEnvironment ?? (!namesItsOwn && !isCI(environment))) && missedConfiguration(environment) === undefined;
}
