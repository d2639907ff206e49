import { createRequire } from 'node:module';

/**
 * The feature flags that `cdk.json` of a new app has. They change templates: without them, a test would look at
 * something that is never deployed.
 */
export const FEATURE_FLAGS = createRequire(import.meta.url)('aws-cdk-lib/recommended-feature-flags.json') as Readonly<
  Record<string, unknown>
>;
