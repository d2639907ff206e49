import type { ImageAsset } from '../assembly/model.ts';
import { type Aws, resolveEnvironment, resolvePlaceholders } from '../aws/index.ts';
import type { DestinationReport } from './request.ts';

/** Reports each image destination as failed: container images are not published by this version. */
export async function refuseImages(images: readonly ImageAsset[], aws: Aws): Promise<DestinationReport[]> {
  const reports = new Map<string, DestinationReport>();
  for (const image of images) {
    const environment = await resolveEnvironment(aws, image.environment);
    const { account, region } = environment;
    const repository = resolvePlaceholders(image.repository, environment);
    const id = `${account}/${region}/${repository}:${image.tag}`;
    const label = image.displayName ?? image.assetId;
    if (reports.has(id)) continue;
    reports.set(id, {
      id,
      kind: 'image',
      assetId: image.assetId,
      displayName: image.displayName,
      label,
      bucket: repository,
      key: image.tag,
      account,
      region,
      stacks: image.stacks,
      outcome: 'failed',
      seconds: 0,
      failure: {
        code: 'ImagesNotSupported',
        message:
          `The container image ${label} for ${account}/${region} is not published by this version: ` +
          `publish it with "cdk-assets publish --path ${image.manifestFile} ${image.assetId}".`,
      },
    });
  }
  return [...reports.values()];
}
