import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FileAsset } from 'nx-cdk/src/assembly/model.ts';
import { rootClients, STAGING } from 'test-bed';
import { filesIn, outcomes, rehearse, type Rehearsal } from './rehearsal.ts';
import { assetOf, templateFile } from './sources.ts';

/** So few at a time that a bucket is known before most of its objects are looked at. */
const limits = { upload: 5 };

let aws: Rehearsal;
let s3: S3Client;

beforeAll(async () => {
  aws = await rehearse();
  s3 = rootClients(aws.local, STAGING).s3();
});

afterAll(async () => {
  s3?.destroy();
  await aws?.end();
});

describe('many assets for one bucket', () => {
  test('an empty bucket is listed, and not looked at for each of them; where nothing changed it is not listed', async () => {
    // given
    const files = await manyTemplates(60);

    // when
    const cold = await aws.run({ files, limits });

    // then
    expect(outcomes(cold.report)).toEqual(Array(60).fill('uploaded'));
    expect(cold.calls).toMatchObject({ ListObjectsV2: 1, PutObject: 60 });
    expect(cold.calls['HeadObject']).toBeLessThan(20);

    // when
    const again = await aws.run({ files, limits });

    // then
    expect(outcomes(again.report)).toEqual(Array(60).fill('unchanged'));
    expect(again.calls).toEqual({ AssumeRole: 1, HeadObject: 60 });
  });

  test('what a listing shows is looked at as ever: an object with other content is found and replaced', async () => {
    // given
    const files = await manyTemplates(60);
    const { report } = await aws.run({ files: files.slice(40), limits });
    const [, , spoiled] = filesIn(report);
    await s3.send(new PutObjectCommand({ Bucket: spoiled!.bucket, Key: spoiled!.key, Body: 'something else' }));

    // when
    const next = await aws.run({ files, limits });

    // then
    expect(next.calls['ListObjectsV2']).toBe(1);
    expect(outcomes(next.report)).toEqual([
      ...Array(40).fill('uploaded'),
      'unchanged',
      'unchanged',
      'replaced',
      ...Array(17).fill('unchanged'),
    ]);
    const stored = await aws.contentOf(STAGING, spoiled!.bucket, spoiled!.key);
    expect(stored.toString()).not.toBe('something else');
  });
});

async function manyTemplates(count: number): Promise<FileAsset[]> {
  const sources = await Promise.all(Array.from({ length: count }, () => templateFile(aws.folder)));
  return sources.map((source) => assetOf(source, STAGING));
}
