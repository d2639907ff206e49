import type { AwsClients } from '../aws/index.ts';
import { recordPublished } from './put-records.ts';
import { requireSigned } from './require-signed.ts';
import { ACCOUNT, FakeAccount, stackOf, uploaded } from './testing/fake-account.ts';

const release = '3f'.repeat(32);
const signing = { key: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1a2b`, algorithm: 'ECDSA_SHA_256' } as const;
const stacks = [stackOf('Data'), stackOf('Service')];

let cloud: FakeAccount;
/** What KMS says of a signature. */
let valid: boolean;
let aws: AwsClients;

beforeEach(() => {
  cloud = new FakeAccount();
  valid = true;
  const kms = async () => ({
    send: async ({ constructor }: object) => {
      cloud.asked.push(constructor.name);
      return { Signature: Buffer.from('signature'), SignatureValid: valid };
    },
  });
  const caller = async () => ({ account: ACCOUNT, region: 'eu-west-1', partition: 'aws', arn: 'arn' });
  aws = { ...cloud.aws, kms, caller } as unknown as AwsClients;
});

async function publish(options: { signing?: typeof signing } = {}): Promise<void> {
  const destinations = stacks.flatMap(({ files }) =>
    files.map(({ key }) => uploaded(key, cloud.put('assets', key, key))),
  );
  await recordPublished({ release, stacks, destinations, ...options }, { aws, listener: () => undefined });
  cloud.asked.length = 0;
}

const check = () => requireSigned({ release, stacks, signing }, aws);

test('one record that the key has signed will do, and each bucket is read once', async () => {
  await publish({ signing });
  await check();
  expect(cloud.asked.map((each) => each.split(' ')[0])).toEqual(['ListObjectsV2', 'GetObject', 'VerifyCommand']);
});

test('a release that nobody has published is refused', async () => {
  await expect(check()).rejects.toMatchObject({
    code: 'NotPublished',
    message: expect.stringMatching(
      /^release 3f3f3f3f3f3f has no publish record in assets that arn\S+ has signed: check out what was published, or/,
    ),
  });
});

test('so is one whose record is not signed, or has a signature that is none', async () => {
  await publish();
  await expect(check()).rejects.toMatchObject({
    code: 'UnsignedRecord',
    message: expect.stringMatching(/has signed: the record s3:\/\/assets\/\S+ is not signed by arn:aws:kms:/),
  });
  await publish({ signing });
  valid = false;
  await expect(check()).rejects.toMatchObject({ code: expect.stringMatching(/ForgedRecord|UnsignedRecord/) });
});

test('nothing is asked if there is nothing to do', async () => {
  await requireSigned({ release, stacks: [], signing }, aws);
  expect(cloud.asked).toEqual([]);
});
