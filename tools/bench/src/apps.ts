import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Place, PROD, STAGING } from 'test-bed';

/** This number of places, in accounts of two regions each. */
export function places(count: number): Place[] {
  const regions = ['eu-west-1', 'us-east-1'];
  return Array.from({ length: count }, (_, index) => ({
    account: String(200_000_000_001 + Math.floor(index / regions.length)),
    region: regions[index % regions.length]!,
  }));
}

/**
 * Writes a CDK app. It is plain JavaScript, so that no contender compiles anything, and has nothing but a `cdk.json`
 * and a `package.json` next to it.
 *
 * @param code the body of its `app.js`, in which `app` is the app
 */
export async function writeApp(
  folder: string,
  name: string,
  imports: readonly string[],
  constants: object,
  code: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (file: string, ...lines: string[]) => writeFile(join(folder, file), `${lines.join('\n')}\n`);
  const json = (content: object) => JSON.stringify(content, undefined, 2);
  await write('package.json', json({ name, version: '0.0.0', private: true, type: 'module' }));
  await write('cdk.json', json({ app: 'node app.js', versionReporting: false }));
  await write(
    'app.js',
    `import { App, Stack } from 'aws-cdk-lib';`,
    ...imports,
    ...Object.entries(constants).map(([constant, value]) => `const ${constant} = ${JSON.stringify(value)};`),
    'const app = new App({ analyticsReporting: false });',
    code,
  );
}

/** The targets of the stacks, in turn. */
export const STACK_PLACES = [STAGING, PROD];

/** Writes a CDK app of small stacks: each has a queue and a parameter with its address. None depends on another. */
export function writeSmallStacksApp(folder: string, stacks: number): Promise<void> {
  const imports = [
    `import { Queue } from 'aws-cdk-lib/aws-sqs';`,
    `import { StringParameter } from 'aws-cdk-lib/aws-ssm';`,
  ];
  const code = `for (let number = 0; number < ${stacks}; number += 1) {
  const stack = new Stack(app, \`Small\${number}\`, { env: places[number % places.length] });
  const queue = new Queue(stack, 'Queue');
  new StringParameter(stack, 'QueueUrl', { stringValue: queue.queueUrl });
}`;
  return writeApp(folder, 'small-stacks', imports, { places: STACK_PLACES }, code);
}

/**
 * Writes a CDK app with one stack a place; each has the same image and a parameter with its address. The image has one
 * layer of that size, which does not compress: what is sent is as large.
 */
export async function writeOneImageApp(folder: string, megabytes: number, places: readonly Place[]): Promise<void> {
  const image = join(folder, 'image');
  await mkdir(image, { recursive: true });
  await writeFile(join(image, 'data'), randomBytes(Math.round(megabytes * 1_000_000)));
  await writeFile(join(image, 'Dockerfile'), 'FROM scratch\nCOPY data /data\nCMD ["/data"]\n');
  const imports = [
    `import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';`,
    `import { StringParameter } from 'aws-cdk-lib/aws-ssm';`,
  ];
  const code = `for (const env of places) {
  const stack = new Stack(app, \`Image-\${env.account}-\${env.region}\`, { env });
  const image = new DockerImageAsset(stack, 'Image', { directory: 'image' });
  new StringParameter(stack, 'Uri', { stringValue: image.imageUri });
}`;
  await writeApp(folder, 'one-image', imports, { places }, code);
}
