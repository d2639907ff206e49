import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../accounts.ts';

/**
 * Writes a CDK app with one stack a place; each has the same image and a parameter with its address. The image has one
 * layer of that size, which does not compress: what is sent is as large.
 */
export async function writeOneImageApp(folder: string, megabytes: number, places: readonly Place[]): Promise<void> {
  const image = join(folder, 'image');
  await mkdir(image, { recursive: true });
  await writeFile(join(image, 'data'), randomBytes(Math.round(megabytes * 1_000_000)));
  await writeFile(join(image, 'Dockerfile'), ['FROM scratch', 'COPY data /data', 'CMD ["/data"]', ''].join('\n'));
  const write = (file: string, content: object) =>
    writeFile(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  await write('package.json', { name: 'one-image', version: '0.0.0', private: true, type: 'module' });
  await write('cdk.json', { app: 'node app.js', versionReporting: false });
  await writeFile(
    join(folder, 'app.js'),
    `import { App, Stack } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';

const places = ${JSON.stringify(places)};
const app = new App({ analyticsReporting: false });
for (const env of places) {
  const stack = new Stack(app, \`Image-\${env.account}-\${env.region}\`, { env });
  const image = new DockerImageAsset(stack, 'Image', { directory: 'image' });
  new StringParameter(stack, 'Uri', { stringValue: image.imageUri });
}
`,
  );
}
