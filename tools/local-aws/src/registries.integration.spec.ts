import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ecr from '@aws-sdk/client-ecr';
import * as iam from '@aws-sdk/client-iam';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, region, type Credentials } from './testing/clients.ts';

const account = '111111111111';
const host = `${account}.dkr.ecr.${region}.amazonaws.com`;
const repositoryName = 'images';

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly challenge: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
  readonly content: Buffer;
}

describe('the registries of a local AWS', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;
  let root: ecr.ECRClient;
  let agent: Agent;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: '123456789012', region });
    clients = clientsOf(aws);
    root = new ecr.ECRClient(clients.config(aws.credentialsFor(account)));
    agent = new Agent({
      ca: readFileSync(aws.caFile),
      proxyEnv: { HTTPS_PROXY: aws.registryProxy, NO_PROXY: '127.0.0.1' },
    });
    await root.send(new ecr.CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    agent?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  describe('the proxy that leads to them', () => {
    test('joins their real names with the local AWS, whose certificate is for them', async () => {
      expect(await ask('GET', `https://${host}/v2/`)).toMatchObject({
        status: 401,
        challenge: `Basic realm="https://${host}/",service="ecr.amazonaws.com"`,
      });
    });

    test.each([
      'example.com:443',
      `s3.${region}.amazonaws.com:443`,
      `${host}:80`,
      `evil-${host}:443`,
      `${host}.example.com:443`,
    ])('refuses every other host: %s', async (path) => {
      const proxy = new URL(aws.registryProxy);
      const status = await new Promise((resolve, reject) => {
        plainRequest({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path })
          .on('connect', ({ statusCode }, socket) => {
            socket.destroy();
            resolve(statusCode);
          })
          .on('error', reject)
          .end();
      });
      expect(status).toBe(403);
    });
  });

  describe('who may use them', () => {
    test('nobody without a token, with a made-up one, or with a key in its place', async () => {
      const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
      for (const authorization of ['', basic('AWS:made-up'), basic(`AWS:${account}`), 'Bearer x'])
        expect(await ask('GET', `https://${host}/v2/${repositoryName}/manifests/x`, authorization)).toMatchObject({
          status: 401,
        });
    });

    test('a role for what its policy allows it, by the action that a request amounts to', async () => {
      // given a role that may look and begin uploads, and no more
      const role = await roleThatMay([
        'ecr:GetAuthorizationToken',
        'ecr:BatchCheckLayerAvailability',
        'ecr:InitiateLayerUpload',
      ]);
      const token = await tokenOf(role);
      const repository = `https://${host}/v2/${repositoryName}`;

      // when / then
      expect(await ask('HEAD', `${repository}/blobs/sha256:${'0'.repeat(64)}`, token)).toMatchObject({ status: 404 });
      expect(await ask('POST', `${repository}/blobs/uploads/`, token)).toMatchObject({ status: 202 });
      const refused = await ask('PUT', `${repository}/manifests/x`, token, '{}');
      expect(refused).toMatchObject({ status: 403, code: 'DENIED' });
      expect(refused.body).toMatch(
        /assumed-role\/looker\/.* is not authorized to perform: ecr:PutImage on resource: .*repository\/images/,
      );
    });

    test('a role that may not ask for a token gets none', async () => {
      await expect(tokenOf(await roleThatMay(['ecr:PutImage']))).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    });
  });

  describe('what they hold', () => {
    test('an image that is not there is an error; so are a taken tag, the same image again, and missing layers', async () => {
      // given
      const config = await upload(Buffer.from('{"rootfs":{"type":"layers","diff_ids":[]}}'));
      const image = (comment: string) => manifest(config, comment);
      const put = (imageManifest: string, imageTag = 'one') =>
        root.send(new ecr.PutImageCommand({ repositoryName, imageTag, imageManifest }));
      const describeTag = (imageTag: string) =>
        root.send(new ecr.DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));

      // when / then
      await expect(describeTag('one')).rejects.toMatchObject({ name: 'ImageNotFoundException' });
      await put(image('a'));
      const { imageDetails } = await describeTag('one');
      expect(imageDetails![0]).toMatchObject({ imageDigest: digestOf(image('a')), imageSizeInBytes: config.size });
      await expect(put(image('a'))).rejects.toMatchObject({ name: 'ImageAlreadyExistsException' });
      await expect(put(image('b'))).rejects.toMatchObject({ name: 'ImageTagAlreadyExistsException' });
      const unknown = { digest: `sha256:${'1'.repeat(64)}`, size: 1 };
      await expect(put(manifest(unknown, ''), 'two')).rejects.toMatchObject({ name: 'LayersNotFoundException' });
      const token = await tokenOf(aws.credentialsFor(account));
      expect(await ask('PUT', `https://${host}/v2/${repositoryName}/manifests/one`, token, image('b'))).toMatchObject({
        status: 400,
        code: 'TAG_INVALID',
      });
      expect(
        await ask('PUT', `https://${host}/v2/${repositoryName}/manifests/two`, token, manifest(unknown, '')),
      ).toMatchObject({ status: 400, code: 'MANIFEST_BLOB_UNKNOWN' });
    });

    test('a tag that is deleted leaves the image to its other tags, and takes it away with the last one', async () => {
      // given
      const imageManifest = manifest(await upload(Buffer.from('{"rootfs":{"diff_ids":[]},"a":1}')), 'tags');
      for (const imageTag of ['first', 'second'])
        await root.send(new ecr.PutImageCommand({ repositoryName, imageTag, imageManifest }));
      const imageId = { imageDigest: digestOf(imageManifest) };
      const found = async () => {
        const { images } = await root.send(new ecr.BatchGetImageCommand({ repositoryName, imageIds: [imageId] }));
        return images!.length;
      };
      const remove = (imageTag: string) =>
        root.send(new ecr.BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag }] }));

      // when / then
      await remove('first');
      expect(await found()).toBe(1);
      await remove('second');
      expect(await found()).toBe(0);
    });

    test('layers that come in parts, in parallel, in order and whole; downloaded by a URL that is signed itself', async () => {
      // given
      const contents = ['a', 'b', 'c'].map((letter) => Buffer.from(letter.repeat(3000)));

      // when
      const layers = await Promise.all(contents.map((content) => upload(content, 1000)));

      // then
      const { layers: there } = await root.send(
        new ecr.BatchCheckLayerAvailabilityCommand({
          repositoryName,
          layerDigests: layers.map(({ digest }) => digest),
        }),
      );
      expect(there!.map(({ layerAvailability }) => layerAvailability)).toEqual(Array(3).fill('AVAILABLE'));
      const { downloadUrl } = await root.send(
        new ecr.GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: layers[0]!.digest }),
      );
      expect((await ask('GET', downloadUrl!)).body).toBe(contents[0]!.toString());
      expect(await ask('GET', downloadUrl!.replace(/ticket=.*/, 'ticket=made-up'))).toMatchObject({ status: 403 });

      // when a part comes out of order
      const { uploadId } = await root.send(new ecr.InitiateLayerUploadCommand({ repositoryName }));
      const part = { repositoryName, uploadId, layerPartBlob: Buffer.from('xyz') };
      const sent = root.send(new ecr.UploadLayerPartCommand({ ...part, partFirstByte: 5, partLastByte: 7 }));

      // then
      await expect(sent).rejects.toMatchObject({ name: 'InvalidLayerPartException' });
    });
  });

  describe('layers that are pushed', () => {
    const other = 'other-images';
    let token: string;

    beforeAll(async () => {
      await root.send(new ecr.CreateRepositoryCommand({ repositoryName: other }));
      token = await tokenOf(aws.credentialsFor(account));
    });

    test('arrive whole in one request, in any repository, and can be pulled from each', async () => {
      // given a layer that takes many reads of the connection
      const layer = randomBytes(3_000_001);

      // when
      const answers = await Promise.all([repositoryName, other].map((name) => push(name, layer, digestOf(layer))));

      // then
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      for (const name of [repositoryName, other])
        expect(digestOf((await pull(name, digestOf(layer))).content)).toBe(digestOf(layer));
    });

    test('arrive whole in parts', async () => {
      const layer = randomBytes(2_000_000);
      const place = await begin(repositoryName);
      for (const part of [layer.subarray(0, 1_500_000), layer.subarray(1_500_000)])
        expect(await ask('PATCH', place, token, part)).toMatchObject({ status: 202 });
      expect(await ask('PUT', `${place}?digest=${digestOf(layer)}`, token)).toMatchObject({ status: 201 });
      expect(digestOf((await pull(repositoryName, digestOf(layer))).content)).toBe(digestOf(layer));
    });

    test('are refused where they are not what their digest says, also where another repository has that layer', async () => {
      // given
      const layer = randomBytes(300_000);
      const spoiled = Buffer.from(layer);
      spoiled[150_000]! ^= 1;

      // when / then
      expect(await push(other, spoiled, digestOf(layer))).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
      expect(await push(repositoryName, layer, digestOf(layer))).toMatchObject({ status: 201 });
      expect(await push(other, spoiled, digestOf(layer))).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
      expect(await pull(other, digestOf(layer))).toMatchObject({ status: 404 });
    });

    async function begin(name: string): Promise<string> {
      const { location } = await ask('POST', `https://${host}/v2/${name}/blobs/uploads/`, token);
      return `https://${host}${location}`;
    }

    async function push(name: string, layer: Buffer, digest: string) {
      return ask('PUT', `${await begin(name)}?digest=${digest}`, token, layer);
    }

    /** The registry sends on to a URL that is signed itself. */
    async function pull(name: string, digest: string) {
      const { status, location } = await ask('GET', `https://${host}/v2/${name}/blobs/${digest}`, token);
      return status === 307 ? ask('GET', location!) : { status, content: Buffer.alloc(0) };
    }
  });

  /** Uploads a blob by ECR's own actions. */
  async function upload(content: Buffer, partSize = content.length): Promise<{ digest: string; size: number }> {
    const { uploadId } = await root.send(new ecr.InitiateLayerUploadCommand({ repositoryName }));
    for (let first = 0; first < content.length; first += partSize) {
      const layerPartBlob = content.subarray(first, first + partSize);
      const place = { partFirstByte: first, partLastByte: first + layerPartBlob.length - 1 };
      await root.send(new ecr.UploadLayerPartCommand({ repositoryName, uploadId, layerPartBlob, ...place }));
    }
    const digest = digestOf(content);
    await root.send(new ecr.CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));
    return { digest, size: content.length };
  }

  async function tokenOf(credentials: Credentials): Promise<string> {
    const client = new ecr.ECRClient(clients.config(credentials));
    const { authorizationData } = await client.send(new ecr.GetAuthorizationTokenCommand({}));
    return `Basic ${authorizationData![0]!.authorizationToken}`;
  }

  async function roleThatMay(Action: string[]): Promise<Credentials> {
    const client = new iam.IAMClient(clients.config(aws.credentialsFor(account)));
    const RoleName = Action.length > 1 ? 'looker' : 'other';
    const document = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
    const AssumeRolePolicyDocument = document({ Principal: { AWS: account }, Action: 'sts:AssumeRole' });
    await client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = document({ Action, Resource: '*' });
    await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'may', PolicyDocument }));
    return clients.assume(`arn:aws:iam::${account}:role/${RoleName}`, aws.credentialsFor(account));
  }

  /** One request, through the proxy where it is to a registry. */
  function ask(method: string, url: string, authorization = '', body: string | Buffer = '') {
    return new Promise<Answer>((resolve, reject) => {
      const headers = authorization === '' ? {} : { authorization };
      request(url, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const content = Buffer.concat(chunks);
          const text = content.toString();
          const code = /"code": "(\w+)"/.exec(text)?.[1] ?? '';
          resolve({
            status: response.statusCode!,
            code,
            challenge: response.headers['www-authenticate'],
            location: response.headers.location,
            body: text,
            content,
          });
        });
      })
        .on('error', reject)
        .end(body);
    });
  }
});

function manifest({ digest, size }: { digest: string; size: number }, comment: string): string {
  const config = { mediaType: 'application/vnd.docker.container.image.v1+json', digest, size };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config,
    layers: [],
    annotations: { comment },
  });
}

function digestOf(content: Buffer | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
