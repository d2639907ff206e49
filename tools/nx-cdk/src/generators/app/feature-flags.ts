import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Failure } from '../../failure/index.ts';

/**
 * The feature flags that AWS recommends for new apps, as the installed `aws-cdk-lib` lists them: `cdk init` takes the
 * same.
 *
 * @param root of the workspace
 * @throws Failure `NoCdkLibrary`
 */
export function recommendedFlags(root: string, add: (...packages: string[]) => string): Record<string, unknown> {
  // The workspace's own first: another one may be installed beside nx-cdk.
  for (const from of [join(root, 'package.json'), import.meta.filename]) {
    try {
      const file = createRequire(from).resolve('aws-cdk-lib/recommended-feature-flags.json');
      return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    } catch {
      // Not installed there, or a version without the file.
    }
  }
  throw new Failure('NoCdkLibrary', {
    what: 'aws-cdk-lib is not installed, or has no recommended feature flags, as versions before 2.101 have none',
    next: `run ${add('aws-cdk-lib', 'constructs')}`,
  });
}
