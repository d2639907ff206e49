import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../accounts.ts';

/** The targets of the stacks, in turn. */
export const PLACES: readonly Place[] = [
  { account: '111111111111', region: 'eu-west-1' },
  { account: '222222222222', region: 'us-east-1' },
];

/**
 * Writes a CDK app of small stacks: each has a queue and a parameter with its address, and none depends on another.
 * Plain JavaScript, so that no contender compiles anything; nothing but a `cdk.json` and a `package.json` beside it.
 */
export async function writeSmallStacksApp(folder: string, stacks: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (file: string, content: object) =>
    writeFile(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  await write('package.json', { name: 'small-stacks', version: '0.0.0', private: true, type: 'module' });
  await write('cdk.json', { app: 'node app.js', versionReporting: false });
  await writeFile(
    join(folder, 'app.js'),
    `import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';

const places = ${JSON.stringify(PLACES)};
const app = new App({ analyticsReporting: false });
for (let number = 0; number < ${stacks}; number += 1) {
  const stack = new Stack(app, \`Small\${number}\`, { env: places[number % places.length] });
  const queue = new Queue(stack, 'Queue');
  new StringParameter(stack, 'QueueUrl', { stringValue: queue.queueUrl });
}
`,
  );
}
