import { STACK_PLACES, writeApp } from '../apps.ts';

/** Writes a CDK app of small stacks: a queue each, whose time out is the one that the environment says. */
export function writeChangingApp(folder: string, stacks: number): Promise<void> {
  const imports = [`import { Queue } from 'aws-cdk-lib/aws-sqs';`, `import { Duration } from 'aws-cdk-lib';`];
  const code = `for (let number = 0; number < ${stacks}; number += 1) {
  const stack = new Stack(app, \`Small\${number}\`, { env: places[number % places.length] });
  const visibilityTimeout = Duration.seconds(Number(app.node.tryGetContext('seconds')));
  new Queue(stack, 'Queue', { visibilityTimeout });
}`;
  return writeApp(folder, 'changing-stacks', imports, { places: STACK_PLACES }, code);
}
