import { EnvironmentsError, readEnvironments } from '@libs/environments';
import { App } from 'aws-cdk-lib';
import { ReadOnlyStage, firstTargets } from './read-only-stage.ts';

const app = new App({ analyticsReporting: false });

try {
  // cdk.json names the file, so that `-c nx-cdk:environments=<file>` can name another one.
  const environments = readEnvironments(app.node.tryGetContext('nx-cdk:environments'));
  for (const { name, targets } of firstTargets(environments)) {
    // A stage without a stack would be an assembly without content.
    if (targets.length > 0) new ReadOnlyStage(app, name, { targets, environments });
  }
} catch (error) {
  if (!(error instanceof EnvironmentsError)) throw error;
  // It says what to do in one sentence; a stack trace would hide it. Left at once: CDK synthesizes an app, however
  // unfinished, when its process runs out of work.
  console.error(error.message);
  process.exit(1);
}
