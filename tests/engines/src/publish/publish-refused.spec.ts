import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { callerWhoMay, PROD, rootClients, STAGING, statement } from 'test-bed';
import { rehearse, type Rehearsal } from './rehearsal.ts';
import { assetOf, ROLE, templateFile } from './sources.ts';

let aws: Rehearsal;
let folder: string;

beforeAll(async () => {
  aws = await rehearse();
  folder = aws.folder;
});

afterAll(async () => {
  await aws?.end();
});

describe('what is refused', () => {
  test('credentials that may assume only deploy roles', async () => {
    // when
    const { report } = await aws.run(
      { files: [assetOf(await templateFile(folder), STAGING)] },
      { credentials: await callerWhoMay(aws.local, 'deploy') },
    );

    // then
    expect(report.destinations[0]!.failure!.message).toMatch(
      /may not sts:AssumeRole arn:aws:iam::111111111111:role\/cdk-hnb659fds-file-publishing-role-111111111111-eu-west-1/,
    );
  });

  test('an account that the workload account does not trust', async () => {
    const { report } = await aws.run(
      { files: [assetOf(await templateFile(folder), STAGING)] },
      { credentials: aws.local.credentialsFor('444444444444') },
    );
    expect(report.destinations[0]!.failure).toMatchObject({
      code: 'AssumeRoleDenied',
      message: expect.stringMatching(/arn:aws:iam::444444444444:root may not sts:AssumeRole .*bootstrapped with trust/),
    });
  });

  test.each([
    // The bootstrapped role may use no bucket but its own account's, so all that shows is a refusal.
    ['the publishing role', ROLE, 'BucketRefused', /or the bucket belongs to another account than 111111111111/],
    [
      'broad credentials',
      undefined,
      'WrongBucketOwner',
      /does not belong to the account 111111111111 but to somebody else/,
    ],
  ])('a bucket of somebody else who would let us in, with %s', async (_, arn, code, message) => {
    // given a bucket whose owner lets everybody in, hoping for our templates
    const other = rootClients(aws.local, PROD).s3();
    const bucket = `taken-${randomBytes(6).toString('hex')}`;
    await other.send(new CreateBucketCommand({ Bucket: bucket }));
    await other.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
    const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
    const Policy = JSON.stringify(statement({ Principal: '*', Action: 's3:*', Resource }));
    await other.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    const asset = { ...assetOf(await templateFile(folder), STAGING, { bucket }), role: arn ? { arn } : undefined };

    // when
    const credentials = arn ? aws.publisher : aws.local.credentialsFor(STAGING.account);
    const { report } = await aws.run({ files: [asset] }, { credentials });

    // then
    expect(report.destinations[0]!.failure).toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(other.send(new GetObjectCommand({ Bucket: bucket, Key: asset.key }))).rejects.toThrow(/not exist/);
    other.destroy();
  });
});
