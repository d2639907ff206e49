import { EnvironmentsError, PackageManagerError } from '@nx-cdk/environments';
import { App } from 'aws-cdk-lib';
import { UnbuiltHandlerError } from './handler-asset.ts';
import { PipelineError } from './pipeline/index.ts';

/**
 * Runs a CDK app.
 *
 * @param define adds stages and stacks to the app
 * @param errors classes of errors that say in one sentence what to do, as those of this library and of
 *   `@nx-cdk/environments` do: only the message is printed, and the exit code is 1
 */
export function runApp(define: (app: App) => void, ...errors: (new (...args: never[]) => Error)[]): void {
  // The AWS::CDK::Metadata resource would change with every release of CDK.
  const app = new App({ analyticsReporting: false });
  try {
    define(app);
  } catch (error) {
    const known = [EnvironmentsError, PackageManagerError, UnbuiltHandlerError, PipelineError, ...errors].some(
      (kind) => error instanceof kind,
    );
    if (!known) throw error;
    console.error((error as Error).message);
    // At once: CDK synthesizes even an unfinished app when its process runs out of work.
    process.exit(1);
  }
}
