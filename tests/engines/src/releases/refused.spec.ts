import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { CI, rootOf, STAGING, statement } from 'test-bed';
import { recordsOf } from './bucket-contents.ts';
import {
  assuming,
  BUCKET,
  type Caller,
  makeRelease,
  openReleaseBed,
  type ReleaseBed,
  type TestRelease,
} from './release-bed.ts';

let bed: ReleaseBed;

beforeAll(async () => {
  bed = await openReleaseBed();
});

afterAll(() => bed?.close());

/** Deploys, and expects that nothing changes. */
async function expectRefusal(release: TestRelease, sentence: RegExp, options: object, caller = bed.deployer) {
  const run = await bed.run('deploy', release, caller, options);
  expect(run).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
  await bed.expectNoStack(release);
}

describe('where a key is named', () => {
  test('a record that is not signed is refused, and publishing with the key heals it', async () => {
    // given
    const release = await makeRelease(bed, 'NotSigned');
    await bed.run('publish', release, bed.publisher);

    // when / then
    const options = { signingKey: bed.key };
    const sentence = new RegExp(`the record s3://\\S+ is not signed by ${bed.key}: publish again with that key`);
    await expectRefusal(release, sentence, options);

    // when
    const published = await bed.run('publish', release, bed.publisher, options);

    // then the record that is there gets a signature
    expect(published.output).toContain(`signed by ${bed.key}`);
    expect(await bed.run('deploy', release, bed.deployer, options)).toEndWith(0);
  });

  test('a record that another key signed is refused', async () => {
    // given
    const release = await makeRelease(bed, 'OtherKey');
    const other = await bed.newKey();
    const Sign = { actions: ['kms:Sign'], resources: [other] };
    const publisher = await bed.caller('other-key-publisher', ...assuming('file-publishing'), Sign);
    expect(await bed.run('publish', release, publisher, { signingKey: other })).toEndWith(0);

    // when / then
    const sentence = new RegExp(`is signed by ${other} and not by ${bed.key}: publish again with that key`);
    await expectRefusal(release, sentence, { signingKey: bed.key });
  });

  test('who may not sign publishes files, but no record', async () => {
    // given
    const release = await makeRelease(bed, 'NoSign');
    const publisher = await bed.caller('no-sign', ...assuming('file-publishing'), {
      actions: ['kms:Verify'],
      resources: [bed.key],
    });

    // when
    const { code, output } = await bed.run('publish', release, publisher, { signingKey: bed.key });

    // then
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(
      new RegExp(
        `error: arn:aws:sts::${CI.account}:assumed-role/no-sign/test may not kms:Sign with the key ${bed.key}, so nothing is recorded: allow kms:Sign`,
      ),
    );
    expect(await recordsOf(bed.s3, release)).toEqual([]);
  });

  test('who may not verify deploys nothing', async () => {
    // given
    const release = await makeRelease(bed, 'NoVerify');
    await bed.run('publish', release, bed.publisher, { signingKey: bed.key });
    const deployer = await bed.caller('no-verify', ...assuming('deploy'), {
      actions: ['kms:Sign'],
      resources: [bed.key],
    });

    // when / then
    const sentence = new RegExp(
      `arn:aws:sts::${CI.account}:assumed-role/no-verify/test may not kms:Verify with the key ${bed.key}, so nothing is deployed: allow kms:Verify`,
    );
    await expectRefusal(release, sentence, { signingKey: bed.key }, deployer);
  });

  test("the key's own policy decides as well", async () => {
    // given a key that only its account's root may use
    const release = await makeRelease(bed, 'KeyPolicy');
    const key = await bed.newKey();
    const kms = new KMSClient(rootOf(bed.bed.local, CI));
    const Principal = { AWS: `arn:aws:iam::${CI.account}:root` };
    const Condition = { StringEquals: { 'aws:PrincipalArn': Principal.AWS } };
    const Policy = JSON.stringify(statement({ Principal, Action: 'kms:*', Resource: '*', Condition }));
    await kms.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy }));
    kms.destroy();
    const Sign = { actions: ['kms:Sign'], resources: [key] };
    const publisher = await bed.caller('key-policy', ...assuming('file-publishing'), Sign);

    // when
    const { code, output } = await bed.run('publish', release, publisher, { signingKey: key });

    // then
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/assumed-role\/key-policy\/test may not kms:Sign with the key .* and in the key's own\./);
  });

  test('a key that signs in another way is named', async () => {
    // given
    const release = await makeRelease(bed, 'Algorithm');
    const signing = { key: bed.key, algorithm: 'RSASSA_PSS_SHA_256' };
    const environments = [{ name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] }];
    writeFileSync(join(bed.workspace.root, 'rsa.json'), JSON.stringify({ ci: CI, environments, signing }));

    // when
    const { code, output } = await bed.run('publish', release, bed.publisher, { environmentsFile: 'rsa.json' });

    // then
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/The key arn:\S+ cannot be used for RSASSA_PSS_SHA_256 \(.*\): correct "signing" in/);
  });

  test.each(['publish', 'deploy'] as const)('%s wants a release', async (executor) => {
    const stock = await makeRelease(bed, `Stock${executor}`, { manifest: false });
    const { code, output } = await bed.run(executor, stock, bed.deployer, { signingKey: bed.key });
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringMatching(/The signing key arn:\S+ needs a release, and \S+ holds no release\.json/),
    });
    await bed.expectNoStack(stock);
  });

  test('what is no key is refused', async () => {
    const release = await makeRelease(bed, 'NoKey');
    const sentence = /--signingKey is "alias\/releases", which is not the ARN of a KMS key/;
    await expectRefusal(release, sentence, { signingKey: 'alias/releases' });
  });
});

describe('the signing key of the workspace', () => {
  const file = (signing?: object) =>
    JSON.stringify({ ci: CI, environments: [{ name: 'staging', targets: [STAGING] }], ...(signing && { signing }) });
  const write = (name: string, content: string) => writeFileSync(join(bed.workspace.root, name), content);
  afterEach(() => rmSync(join(bed.workspace.root, 'environments.json'), { force: true }));

  test('holds for an app that names no environments file, such as the pipeline, and for every command', async () => {
    // given a release that was published without a signature, as by a step that was taken over
    const release = await makeRelease(bed, 'Everybody');
    expect(await bed.run('publish', release, bed.publisher)).toEndWith(0);
    write('environments.json', file({ key: bed.key }));

    // when / then
    const sentence = new RegExp(`the record s3://\\S+ is not signed by ${bed.key}`);
    await expectRefusal(release, sentence, {});
    for (const executor of ['plan', 'destroy', 'rollback', 'refactor'] as const) {
      const options = executor === 'destroy' ? { force: true } : {};
      const { code, output } = await bed.run(executor, release, bed.deployer, options);
      expect({ executor, code, output }).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
    }

    // when it is published by who may sign
    const { output } = await bed.run('publish', release, bed.publisher);
    expect(output).toContain(`signed by ${bed.key}`);
    expect(await bed.run('deploy', release, bed.deployer)).toEndWith(0);
    expect(await bed.run('rollback', release, bed.deployer)).toEndWith(0);
    expect(await bed.run('destroy', release, bed.deployer, { force: true })).toEndWith(0);
  });

  test('cannot be left out or exchanged by the environments file of an app', async () => {
    // given
    const release = await makeRelease(bed, 'OwnFile');
    expect(await bed.run('publish', release, bed.publisher)).toEndWith(0);
    write('environments.json', file({ key: bed.key }));
    write('unsigned.json', file());
    const other = await bed.newKey();
    write('other.json', file({ key: other }));
    const admitted = { environmentsFile: 'unsigned.json' };

    // when / then
    await expectRefusal(release, new RegExp(`is not signed by ${bed.key}`), admitted);
    const sentence = new RegExp(
      `other\\.json names the signing key ${other}, and environments\\.json names ${bed.key}`,
    );
    await expectRefusal(release, sentence, { environmentsFile: 'other.json' });
  });
});

describe('in a CI', () => {
  const inCI = (caller: Caller) => ({ ...caller, CI: 'true' });

  test('an assembly without release.json is refused, unless an option says that another tool has made it', async () => {
    // given
    const stock = await makeRelease(bed, 'StockInCI', { manifest: false });
    await bed.run('publish', stock, bed.publisher);

    // when / then
    const sentence = /A CI needs a release, and \S+ holds no release\.json: .*--allowUnreleased/;
    for (const executor of ['publish', 'deploy', 'diff', 'rollback', 'destroy', 'refactor'] as const) {
      const { code, output } = await bed.run(executor, stock, inCI(bed.deployer));
      expect({ executor, code, output }).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
    }
    await bed.expectNoStack(stock);
    expect(await bed.run('deploy', stock, inCI(bed.deployer), { allowUnreleased: true })).toEndWith(0);
  });
});

test.each(['diff', 'rollback', 'destroy', 'refactor'] as const)(
  '%s opens the release, as deploy does',
  async (executor) => {
    // given
    const release = await makeRelease(bed, `Opened${executor}`);
    const approved = { release: '3f'.repeat(32) };

    // when / then
    const other = await bed.run(executor, release, bed.deployer, approved);
    expect(other).toMatchObject({ code: 1, output: expect.stringMatching(/The assembly is release \S+ and not 3f3f/) });
    const template = join(release.directory, 'Data.template.json');
    writeFileSync(template, readFileSync(template, 'utf8').replace('Queue', 'Queux'));
    const changed = await bed.run(executor, release, bed.deployer);
    expect(changed).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Data\.template\.json is not what it is in release/),
    });
  },
);

describe('--release', () => {
  test('deploys the one that it names', async () => {
    const release = await makeRelease(bed, 'Named');
    await bed.run('publish', release, bed.publisher);
    const { code, output } = await bed.run('deploy', release, bed.deployer, { release: release.manifest.digest });
    expect({ code, output }).toEndWith(0);
  });

  test('refuses another one, and names both', async () => {
    const release = await makeRelease(bed, 'Another');
    const other = await makeRelease(bed, 'Another2');
    const names = new RegExp(`The assembly is release ${release.manifest.digest} and not ${other.manifest.digest}`);
    await expectRefusal(release, names, { release: other.manifest.digest });
  });

  test('refuses what is no digest', async () => {
    const release = await makeRelease(bed, 'Malformed');
    await expectRefusal(release, /"3f2a" is no release: its digest has 64 hexadecimal digits/, { release: '3f2a' });
  });

  test('refuses an assembly without release.json, which is deployed with a warning otherwise', async () => {
    // given
    const release = await makeRelease(bed, 'Absent', { manifest: false });
    await bed.run('publish', release, bed.publisher);

    // when / then
    const sentence = /--release needs a release, and \S+Absent\.out holds no release\.json: synthesize with nx synth/;
    await expectRefusal(release, sentence, { release: release.manifest.digest });
    const { code, output } = await bed.run('deploy', release, bed.deployer);
    expect({ code, output }).toEndWith(0);
    expect(output).toMatch(/warning: \S+Absent\.out holds no release\.json/);
  });
});

test('a release that was never published is refused, and a dry run of it says what would change', async () => {
  // given
  const release = await makeRelease(bed, 'Never');

  // when / then
  await expectRefusal(release, /Data: release [0-9a-f]{12} is not published to cdk-\S+: run publish first/, {});
  const { code, output } = await bed.run('deploy', release, bed.deployer, { dryRun: true });
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Service: planned') });
});

test('an update is refused as a creation is: the stack and its change sets stay as they are', async () => {
  // given a stack that is there
  const first = await makeRelease(bed, 'Update');
  await bed.run('publish', first, bed.publisher);
  expect(await bed.run('deploy', first, bed.deployer)).toEndWith(0);
  const before = await bed.changesOf(first);

  // when the next release is not published
  const next = await makeRelease(bed, 'Update', { visibility: 60 });
  const { code, output } = await bed.run('deploy', next, bed.deployer);

  // then
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/is not published to/) });
  expect(await bed.changesOf(next)).toEqual(before);
});

test('a dry run of publish records nothing', async () => {
  const release = await makeRelease(bed, 'DryRun');
  expect(await bed.run('publish', release, bed.publisher, { dryRun: true })).toEndWith(0);
  await bed.run('publish', release, bed.publisher);
  const [record] = await recordsOf(bed.s3, release);
  await bed.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: record }));
  expect(await bed.run('publish', release, bed.publisher, { dryRun: true })).toEndWith(0);
  expect(await recordsOf(bed.s3, release)).toEqual([]);
});
