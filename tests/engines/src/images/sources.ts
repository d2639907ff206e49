import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target, ImageAsset, ImageBuild } from 'nx-cdk/src/assembly/model.ts';

/** Names of the default bootstrap, placeholders as the synthesizer writes them. */
const REPOSITORY = 'cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}';
const IMAGE_ROLE =
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-image-publishing-role-${AWS::AccountId}-${AWS::Region}';

/** A folder with an image that no other test has: two layers of files, nothing that runs. */
export async function imageFolder(folder: string, lines: readonly string[] = []): Promise<string> {
  const path = join(folder, `image-${randomBytes(6).toString('hex')}`);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'greeting'), `hello ${randomBytes(1000).toString('hex')}`);
  await writeFile(join(path, 'data'), randomBytes(200_000));
  await writeFile(
    join(path, 'Dockerfile'),
    ['FROM scratch', 'ARG TOKEN', ...lines, 'COPY greeting /greeting', 'COPY data /data', 'CMD ["/greeting"]', ''].join(
      '\n',
    ),
  );
  return path;
}

/** The image asset that CDK's default synthesizer makes of a folder. */
export function imageOf(directory: string, target: Target, build: Partial<ImageBuild> = {}): ImageAsset {
  const hash = directory.split('-').at(-1)!.padEnd(64, '0');
  return {
    stacks: ['Service'],
    assetId: hash,
    displayName: 'Service/Image',
    target,
    role: { arn: IMAGE_ROLE },
    source: { fingerprint: JSON.stringify([directory, build]), build: { directory, ...build } },
    manifestFile: join(directory, '..', 'Service.assets.json'),
    repository: REPOSITORY,
    tag: hash,
  };
}
