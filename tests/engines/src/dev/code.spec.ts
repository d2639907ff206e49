import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Environments } from '@nx-cdk/environments';
import { type App, Stack } from 'aws-cdk-lib/core';
import {
  Code,
  DockerImageCode,
  DockerImageFunction,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { AwsProxy } from 'aws-proxy';
import { type Credentials, openTestBed, rootClients, STAGING, type TestBed } from 'test-bed';
import { describeWithPodman, makeBuilder } from '../images/builder.ts';
import { developerOf, developmentEnvironments, startSession } from './dev-bed.ts';

let bed: TestBed;
let environments: Environments;
let developer: Credentials;
let proxy: AwsProxy;
let lambda: LambdaClient;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  environments = await developmentEnvironments(bed);
  developer = await developerOf(bed, environments);
  proxy = await bed.proxy();
  lambda = rootClients(bed.local, STAGING).lambda();
});

afterAll(async () => {
  lambda?.destroy();
  await bed?.close();
});

async function answerOf(FunctionName: string): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

async function imageOf(FunctionName: string): Promise<string | undefined> {
  return (await lambda.send(new GetFunctionCommand({ FunctionName }))).Code?.ImageUri;
}

/** A folder with a handler in JavaScript, and what is beside it. */
function handlerIn(name: string, lines: string, beside: Record<string, Buffer> = {}): Code {
  const folder = join(bed.folder, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), lines);
  for (const [file, content] of Object.entries(beside)) writeFileSync(join(folder, file), content);
  return Code.fromAsset(folder);
}

/** An app with one function in JavaScript. */
function app(name: string, code: () => Code): (root: App) => void {
  return (root) => {
    const stack = new Stack(root, 'Orders', { env: STAGING, stackName: name });
    new LambdaFunction(stack, 'Api', {
      functionName: name,
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: code(),
    });
  };
}

test('code of more than 50 MB is published, and Lambda is told where it is', async () => {
  // given what no packing makes smaller
  const data = randomBytes(51 * 1024 * 1024);
  let answer = 'one';
  const code = () => handlerIn('large', `exports.handler = async () => '${answer}';`, { data });
  const session = await startSession({ bed, environments, developer, proxy, build: app('large', code) });

  // when
  answer = 'two';
  proxy.reset();
  const said = await session.edit();

  // then
  expect(said).toMatch(/1 function swapped, in .* \(.*publish .*, hotswap .*\)/);
  const actions = proxy.requests.map(({ action }) => action);
  expect(actions).toContain('PUT /2015-03-31/functions/large/code');
  expect(actions).not.toContain('CreateChangeSet');
  expect(actions).toContain('PutObject');
  expect(await answerOf('large')).toBe('two');
  await session.end();
});

test('what a function logs is shown, with the name of the function before it', async () => {
  const lines = `exports.handler = async () => { console.log('a word from inside'); return 1; };`;
  const build = app('talker', () => handlerIn('talker', lines));
  const session = await startSession({ bed, environments, developer, proxy, build, logs: true });
  await answerOf('talker');
  expect(await session.said(/^talker {2}.*a word from inside/)).not.toContain('cannot be read');
  await session.end();
});

describeWithPodman('with podman', () => {
  /** A program that speaks Lambda's runtime API with nothing but an interpreter. */
  const program = (word: string) => `#!/usr/bin/env python3
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as request:
        name = request.headers["Lambda-Runtime-Aws-Request-Id"]
    urllib.request.urlopen(api + name + "/response", json.dumps("${word}").encode())
`;

  // The local AWS takes the name of the image, and goes on with the program of the old one.
  test('another image of a function is built, published and named to Lambda', async () => {
    // given
    const builder = await makeBuilder(join(bed.folder, 'builder'));
    const before = process.env['CDK_DOCKER'];
    process.env['CDK_DOCKER'] = builder.program;
    let word = 'one';
    const folder = join(bed.folder, 'image');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY --chmod=755 main /main\nENTRYPOINT ["/main"]\n');
    const build = (root: App) => {
      writeFileSync(join(folder, 'main'), program(word));
      const stack = new Stack(root, 'Orders', { env: STAGING, stackName: 'imaged' });
      const code = DockerImageCode.fromImageAsset(folder);
      new DockerImageFunction(stack, 'Api', { functionName: 'imaged', code });
    };
    try {
      const session = await startSession({ bed, environments, developer, proxy, build });
      expect(await answerOf('imaged')).toBe('one');
      const first = await imageOf('imaged');

      // when
      word = 'two';
      proxy.reset();
      const said = await session.edit();

      // then
      expect(said).toMatch(/1 function swapped/);
      const actions = proxy.requests.map(({ action }) => action);
      expect(actions).not.toContain('CreateChangeSet');
      expect(actions).toContain('PUT /2015-03-31/functions/imaged/code');
      const after = await imageOf('imaged');
      expect(after).toMatch(/^111111111111\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/cdk-.*:[0-9a-f]{64}$/);
      expect(after).not.toBe(first);
      expect((await session.end()).unknownToCloudFormation).toEqual(['Orders: imaged']);
    } finally {
      if (before === undefined) delete process.env['CDK_DOCKER'];
      else process.env['CDK_DOCKER'] = before;
    }
  });
});
