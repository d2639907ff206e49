import { createHash } from 'node:crypto';
import {
  CompleteLayerUploadCommand,
  type ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { STAGING } from 'test-bed';

/** The image repository of the bootstrap. */
export const repositoryName = `cdk-hnb659fds-container-assets-${STAGING.account}-${STAGING.region}`;

/** Puts an image that says something under a tag, which nobody has to build; returns its digest. */
export async function putImage(ecr: ECRClient, imageTag: string, text: string): Promise<string> {
  const config = Buffer.from(JSON.stringify({ rootfs: { type: 'layers', diff_ids: [] }, text }));
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  const part = { layerPartBlob: config, partFirstByte: 0, partLastByte: config.length - 1 };
  await ecr.send(new UploadLayerPartCommand({ repositoryName, uploadId, ...part }));
  const complete = new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] });
  await ecr.send(complete).catch((error: Error) => {
    // Of an image that was there before.
    if (error.name !== 'LayerAlreadyExistsException') throw error;
  });
  const imageManifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest, size: config.length },
    layers: [],
  });
  const { image } = await ecr.send(new PutImageCommand({ repositoryName, imageTag, imageManifest }));
  return image!.imageId!.imageDigest!;
}
