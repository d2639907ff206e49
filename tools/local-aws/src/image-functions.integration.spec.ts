import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as ecr from '@aws-sdk/client-ecr';
import * as lambda from '@aws-sdk/client-lambda';
import { type CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, deploy, region } from './testing/clients.ts';

const account = '111111111111';
const repositoryName = 'images';
const repository = `${account}.dkr.ecr.${region}.amazonaws.com/${repositoryName}`;

/**
 * A program that needs nothing but an interpreter: it speaks Lambda's runtime API, and answers with a word, its
 * arguments, and what is beside it.
 */
const program = (word: string) => `#!/usr/bin/env python3
import json, os, pathlib, sys, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as request:
        name, event = request.headers["Lambda-Runtime-Aws-Request-Id"], json.load(request)
    answer = {"word": "${word}", "event": event, "arguments": sys.argv[1:], "files": sorted(map(str, pathlib.Path(".").iterdir())),
              "setting": os.environ.get("SETTING")}
    urllib.request.urlopen(api + name + "/response", json.dumps(answer).encode())
`;

describe('functions with container images', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;
  let registry: ecr.ECRClient;
  let functions: lambda.LambdaClient;
  let stacks: CloudFormationClient;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: '123456789012', region });
    clients = clientsOf(aws);
    const config = clients.config(aws.credentialsFor(account));
    registry = new ecr.ECRClient(config);
    functions = new lambda.LambdaClient(config);
    stacks = clients.cloudFormation(aws.credentialsFor(account));
    await registry.send(new ecr.CreateRepositoryCommand({ repositoryName }));
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  test('run the program of the image, with what the image says and the layers make of its files', async () => {
    // given
    const layers = [
      layer({ 'app/main': program('hello'), 'app/gone': '' }),
      layer({ 'app/.wh.gone': '', 'app/data': '' }),
    ];
    const settings = { Entrypoint: ['/app/main'], Cmd: ['one two', '$HOME'], Env: ['SETTING=a b'], WorkingDir: '/app' };
    const digest = await push('greeter', layers, settings);

    // when
    const { stack } = await deploy(stacks, 'greeter', template(`${repository}:greeter`));

    // then
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    expect(await answer({ x: 1 })).toEqual({
      word: 'hello',
      event: { x: 1 },
      arguments: ['one two', '$HOME'],
      files: ['data', 'main'],
      setting: 'a b',
    });
    const { Code, Configuration } = await functions.send(new lambda.GetFunctionCommand({ FunctionName: 'greeter' }));
    expect(Code).toMatchObject({ ImageUri: `${repository}:greeter`, ResolvedImageUri: `${repository}@${digest}` });
    expect(Configuration!.CodeSha256).toBe(digest.slice('sha256:'.length));
  });

  test('keep their image when another one is pushed under its tag, and take another one when they are told', async () => {
    // given
    const other = [layer({ main: program('other') })];

    // when
    const digest = await push('greeter', other, { Entrypoint: ['/main'] });
    await deploy(stacks, 'greeter', template(`${repository}:greeter`, 'Another description'), 'UPDATE');

    // then
    expect(await answer({})).toMatchObject({ word: 'hello' });

    // when
    const { stack } = await deploy(stacks, 'greeter', template(`${repository}@${digest}`), 'UPDATE');

    // then
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(await answer({})).toMatchObject({ word: 'other', arguments: [], files: ['main'] });
  });

  test.each([
    [
      'that is not there',
      `${repository}:missing`,
      `Source image ${repository}:missing does not exist. Provide a valid source image.`,
    ],
    [
      'of another region',
      `${repository.replace(region, 'us-east-1')}:greeter`,
      'is not valid. Provide a valid source image.',
    ],
    ['of no registry of AWS', 'docker.io/library/busybox:1', 'Source image docker.io/library/busybox:1 is not valid.'],
  ])('with an image %s are not made', async (_, image, message) => {
    const name = `refused-${createHash('sha256').update(image).digest('hex').slice(0, 8)}`;
    const { stack } = await deploy(stacks, name, template(image, '', name));
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(JSON.stringify(await eventsOf(name))).toContain(message);
  });

  function template(ImageUri: string, Description = '', FunctionName = 'greeter') {
    const Role = `arn:aws:iam::${account}:role/anything`;
    const Properties = { FunctionName, PackageType: 'Image', Code: { ImageUri }, Role, Description, Timeout: 20 };
    return { Resources: { Function: { Type: 'AWS::Lambda::Function', Properties } } };
  }

  async function answer(event: object): Promise<unknown> {
    const command = new lambda.InvokeCommand({ FunctionName: 'greeter', Payload: JSON.stringify(event) });
    return JSON.parse(Buffer.from((await functions.send(command)).Payload ?? []).toString());
  }

  async function eventsOf(StackName: string) {
    return (await stacks.send(new DescribeStackEventsCommand({ StackName }))).StackEvents;
  }

  /** A layer: files by path, packed. */
  function layer(files: Record<string, string>): Buffer {
    const root = join(folder, `layer-${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), content, { mode: 0o755 });
    }
    return gzipSync(execFileSync('tar', ['-c', '-C', root, '.']));
  }

  /** Puts an image into the repository, and returns its digest. */
  async function push(imageTag: string, layers: readonly Buffer[], settings: object): Promise<string> {
    const config = await upload(Buffer.from(JSON.stringify({ config: settings })));
    const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
    const uploaded = await Promise.all(layers.map(async (each) => ({ mediaType, ...(await upload(each)) })));
    const manifestType = 'application/vnd.oci.image.manifest.v1+json';
    const content = {
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: uploaded,
    };
    const { image } = await registry.send(
      new ecr.PutImageCommand({ repositoryName, imageTag, imageManifest: JSON.stringify(content) }),
    );
    return image!.imageId!.imageDigest!;
  }

  async function upload(content: Buffer): Promise<{ digest: string; size: number }> {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const { uploadId } = await registry.send(new ecr.InitiateLayerUploadCommand({ repositoryName }));
    const part = { partFirstByte: 0, partLastByte: content.length - 1, layerPartBlob: content };
    await registry.send(new ecr.UploadLayerPartCommand({ repositoryName, uploadId, ...part }));
    await registry.send(new ecr.CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));
    return { digest, size: content.length };
  }
});
