import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, type Credentials } from './testing/clients.ts';

const account = '123456789012';
const region = 'eu-west-1';
/** In a region of its own: a key is where its ARN says. */
const KeyId = `arn:aws:kms:eu-central-1:${account}:key/1a2b3c4d-0000-4000-8000-000000000000`;
const digest = createHash('sha256').update('a release').digest();

describe('the key that signs releases', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    const signing = { key: KeyId, algorithm: 'ECDSA_SHA_256' } as const;
    aws = await startInstance({ directory: folder, managementAccount: account, region, signing });
    clients = clientsOf(aws);
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const client = (credentials: Credentials) =>
    new kms.KMSClient({ ...clients.config(credentials), region: 'eu-central-1' });
  const question = { KeyId, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
  const sign = async (credentials: Credentials) =>
    (await client(credentials).send(new kms.SignCommand(question))).Signature!;
  const verify = (credentials: Credentials, Signature: Uint8Array) =>
    client(credentials).send(new kms.VerifyCommand({ ...question, Signature }));

  test('is there from the start and after a reset, under its ARN', async () => {
    const before = await sign(aws.credentialsFor(account));
    expect(await verify(aws.credentialsFor(account), before)).toMatchObject({ SignatureValid: true, KeyId });

    // when every account is emptied
    await aws.reset();

    // then it is another key under the same ARN
    const after = await sign(aws.credentialsFor(account));
    expect(await verify(aws.credentialsFor(account), after)).toMatchObject({ SignatureValid: true });
    await expect(verify(aws.credentialsFor(account), before)).rejects.toMatchObject({
      name: 'KMSInvalidSignatureException',
    });
  });

  test('signs for those who may sign, and verifies for those who may verify', async () => {
    // given
    const [signer, verifier] = await Promise.all(['Sign', 'Verify'].map((action) => roleThatMay(`kms:${action}`)));
    const signature = await sign(signer!);

    // when / then
    expect(await verify(verifier!, signature)).toMatchObject({ SignatureValid: true });
    const denied = { name: 'AccessDeniedException', message: expect.stringContaining(KeyId) };
    await expect(sign(verifier!)).rejects.toMatchObject(denied);
    await expect(verify(signer!, signature)).rejects.toMatchObject(denied);
  });

  test('finds every flipped bit of a signature', async () => {
    const signature = await sign(aws.credentialsFor(account));
    for (let index = 0; index < signature.length; index += 8) {
      const flipped = Uint8Array.from(signature);
      flipped[index]! ^= 1;
      await expect(verify(aws.credentialsFor(account), flipped)).rejects.toMatchObject({
        name: 'KMSInvalidSignatureException',
      });
    }
  });

  async function roleThatMay(action: string): Promise<Credentials> {
    const root = new iam.IAMClient(clients.config(aws.credentialsFor(account)));
    const RoleName = action.replace(':', '-');
    const document = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
    const AssumeRolePolicyDocument = document({ Principal: { AWS: account }, Action: 'sts:AssumeRole' });
    await root.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = document({ Action: action, Resource: KeyId });
    await root.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'may', PolicyDocument }));
    return clients.assume(`arn:aws:iam::${account}:role/${RoleName}`, aws.credentialsFor(account));
  }
});
