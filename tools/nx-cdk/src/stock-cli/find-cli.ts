import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Failure } from '../failure/index.ts';

/** The CDK CLI of a workspace. */
export interface StockCli {
  /** Absolute path of its program, to be run by Node. */
  readonly program: string;
  readonly version: string;
}

/**
 * The CDK CLI that an app has installed, or its workspace. Nothing is downloaded for it: what runs with credentials
 * comes from the lockfile.
 *
 * @param projectRoot folder of the `cdk.json`; absolute
 * @throws Failure `NoCdkCli` if there is none
 */
export function findCli(projectRoot: string): StockCli {
  try {
    const manifest = createRequire(join(projectRoot, 'cdk.json')).resolve('aws-cdk/package.json');
    const { bin, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { cdk: string }; version: string };
    return { program: join(dirname(manifest), bin.cdk), version };
  } catch (cause) {
    throw new Failure(
      'NoCdkCli',
      {
        what: `${projectRoot} has no CDK CLI: the package aws-cdk is not installed`,
        next: 'add it to the workspace (npm install --save-dev aws-cdk, or the same with pnpm or Yarn) and try again',
      },
      { cause },
    );
  }
}
