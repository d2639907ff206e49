import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startOf, withLock, workspaceLock } from '@nx-cdk/processes';
import type { ImageAsset, ImageBuild } from '../assembly/index.ts';
import { buildArguments, buildImage } from './image-build.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-cdk-build-'));
const log = join(folder, 'calls');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => writeFileSync(log, ''));

describe('building', () => {
  test("passes everything that an assembly can say, as CDK's own tools do", () => {
    const build: ImageBuild = {
      directory: '/app',
      dockerFile: 'build.Dockerfile',
      dockerBuildTarget: 'last',
      dockerBuildArgs: { A: '1', B: 'two words' },
      dockerBuildContexts: { other: '../other' },
      dockerBuildSecrets: { npmrc: 'src=.npmrc' },
      dockerBuildSsh: 'default',
      networkMode: 'host',
      platform: 'linux/arm64',
      dockerOutputs: ['type=docker'],
      cacheFrom: [{ type: 'registry', params: { ref: 'cache', mode: 'max' } }, { type: 'inline' }],
      cacheTo: { type: 'gha' },
      cacheDisabled: true,
    };
    expect(buildArguments(build, 'cdkasset-x')).toEqual([
      ...['--build-arg', 'A=1', '--build-arg', 'B=two words', '--build-context', 'other=../other'],
      ...['--secret', 'id=npmrc,src=.npmrc', '--ssh', 'default', '--tag', 'cdkasset-x', '--target', 'last'],
      ...['--file', 'build.Dockerfile', '--network', 'host', '--platform', 'linux/arm64', '--output=type=docker'],
      ...['--cache-from', 'type=registry,ref=cache,mode=max', '--cache-from', 'type=inline'],
      ...['--cache-to', 'type=gha', '--no-cache'],
    ]);
  });

  test('happens in the folder; an image is taken by the label with its content, never by its name', async () => {
    // given a folder, a tool that has no image, and one that has an image of somebody else
    const source = mkdtempSync(join(folder, 'source-'));
    const asset = image({ directory: source });
    const hasNot = tool(`case $1 in inspect) exit 125;; build) pwd > '${folder}/built-in'; esac`);
    const hasOther = tool(`case $1 in inspect) echo '[{"Config":{"Labels":{"nx-cdk.content":"other"}}}]'; esac`);

    // when / then
    await buildImage(asset, hasNot, folder, {});
    const [, built = ''] = calls();
    expect(built).toMatch(/^build --tag cdkasset-abc --label nx-cdk\.content=[0-9a-f]{64} \.$/);
    expect(readFileSync(join(folder, 'built-in'), 'utf8').trim()).toBe(source);
    await buildImage(asset, hasOther, folder, {});
    expect(calls()).toEqual(['inspect cdkasset-abc', built, `save -o ${folder}/image.tar cdkasset-abc`]);

    // when it is the same image
    const [, digest = ''] = /content=(\w+)/.exec(built) ?? [];
    const labels = `{"Labels":{"nx-cdk.content":"${digest}"}}`;
    for (const told of [`[{"Config":${labels}}]`, `{"OCIv1":{"config":${labels}}}`]) {
      await buildImage(asset, tool(`case $1 in inspect) echo '${told}'; esac`), folder, {});
      expect(calls()).toEqual(['inspect cdkasset-abc', `save -o ${folder}/image.tar cdkasset-abc`]);
    }

    // and when its content has changed
    writeFileSync(join(source, 'more'), '');
    await buildImage(asset, tool(`case $1 in inspect) echo '[{"Config":${labels}}]'; esac`), folder, {});
    expect(calls()[1]).toMatch(/^build /);
  });

  test('a label that somebody else has computed from the content is not believed', async () => {
    // given the same content in two checkouts
    const [one, other] = ['one', 'other'].map((name) => {
      const source = join(folder, name, 'source');
      mkdirSync(join(folder, name, 'node_modules'), { recursive: true });
      mkdirSync(source);
      return { ...image({ directory: source }), manifestFile: join(folder, name, 'Data.assets.json') };
    }) as [ImageAsset, ImageAsset];
    await buildImage(one, tool('case $1 in inspect) exit 125;; esac'), folder, {});
    const [, digest = ''] = /content=(\w+)/.exec(calls()[1]!) ?? [];

    // when
    const told = tool(`case $1 in inspect) echo '[{"Config":{"Labels":{"nx-cdk.content":"${digest}"}}}]'; esac`);
    await buildImage(other, told, folder, {});
    // then
    expect(calls()[1]).toMatch(/^build /);

    // and in the first one it is
    await buildImage(one, told, folder, {});
    expect(calls()).toHaveLength(2);
    const secret = join(folder, 'one', 'node_modules', '.cache', 'locks', 'image-labels', 'secret');
    expect(statSync(secret).mode & 0o777).toBe(0o600);
  });

  test('is done each time if the image has more than its folder', async () => {
    const source = mkdtempSync(join(folder, 'source-'));
    await buildImage(image({ directory: source, dockerBuildSsh: 'default' }), tool('exit 0'), folder, {});
    expect(calls()).toEqual(['build --ssh default --tag cdkasset-abc .', `save -o ${folder}/image.tar cdkasset-abc`]);
  });

  test('happens once, where two processes want the same image at the same time', async () => {
    // given
    const marker = join(folder, 'built');
    const asset = image({ directory: mkdtempSync(join(folder, 'source-')) });
    const told = `'[{"Config":{"Labels":{"nx-cdk.content":"%s"}}}]'`;
    const builder = tool(
      `case $1 in inspect) test -e ${marker} && printf ${told} "$(cat ${marker})";; ` +
        `build) sleep 0.5; echo "$@" | sed -n 's/.*content=\\([0-9a-f]*\\).*/\\1/p' | tr -d '\\n' > ${marker};; esac`,
    );

    // when
    await Promise.all(
      ['one', 'two'].map(async (name) => {
        const archives = mkdtempSync(join(folder, `${name}-`));
        await buildImage(asset, builder, archives, {});
      }),
    );

    // then
    const words = readFileSync(log, 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(words.filter((word) => word === 'build')).toHaveLength(1);
    expect(words.filter((word) => word === 'save')).toHaveLength(2);
  });

  test('that waits for another process ends with the signal', async () => {
    await withLock(workspaceLock(folder, 'cdkasset-abc'), async () => {
      const building = buildImage(image(), tool('exit 0'), folder, { signal: AbortSignal.timeout(100) });
      await expect(building).rejects.toMatchObject({ code: 'Interrupted' });
    });
    expect(calls()).toEqual([]);
  });

  test('with buildah, which has no save, pushes to an archive', async () => {
    const source = mkdtempSync(join(folder, 'source-'));
    await buildImage(image({ directory: source }), tool('exit 0', 'buildah'), folder, {});
    expect(calls()).toEqual([
      'inspect --type image cdkasset-abc',
      expect.stringMatching(/^build /),
      `push cdkasset-abc docker-archive:${folder}/image.tar:cdkasset-abc:latest`,
    ]);
  });

  test('that fails is told in one sentence with the last lines, without arguments and secrets of any kind', async () => {
    // given
    process.env['NX_CDK_SPEC_SECRET'] = 'secret-of-a-variable';
    writeFileSync(join(folder, 'token.txt'), 'secret-of-a-file\n');
    const build = {
      dockerBuildArgs: { LONG: 'a "quoted" password', SHORT: 'q7', EMPTY: '' },
      dockerBuildSecrets: { one: 'type=file,src=token.txt', two: 'type=env,env=NX_CDK_SPEC_SECRET' },
    };
    const failing = tool(
      `case $1 in inspect) exit 1;; build) cat token.txt; echo 'RUN echo a "quoted" password q7 q77' $NX_CDK_SPEC_SECRET; ` +
        `echo '{"LONG":"a \\"quoted\\" password"}' >&2; echo the reason >&2; exit 3; esac`,
    );
    const heard: string[] = [];

    // when
    const failure = await buildImage(image(build), failing, folder, {
      onLine: (line) => heard.push(line),
    }).catch((error: Error & { lines: string[] }) => error as Error & { lines: string[] });
    delete process.env['NX_CDK_SPEC_SECRET'];

    // then
    expect(failure).toMatchObject({
      code: 'ImageBuildFailed',
      message: expect.stringMatching(
        /^Building the image Service\/Image in .* failed \(.*: exit code 3\): correct what/,
      ),
    });
    const lines = (failure as { lines: string[] }).lines;
    expect(lines.toSorted()).toEqual(
      ['****', 'RUN echo **** **** q77 ****', 'the reason', '{"LONG":"****"}'].toSorted(),
    );
    expect(heard.toSorted()).toEqual(lines.toSorted());
  });

  test('ends with the signal, and so does what it started', async () => {
    // given
    const file = join(folder, 'process-id');
    const slow = tool(
      `case $1 in inspect) exit 1;; build) sleep 600 & echo $! > ${file}.new; mv ${file}.new ${file}; wait; esac`,
    );
    const controller = new AbortController();

    // when
    const building = buildImage(image(), slow, folder, { signal: controller.signal });
    while (!existsSync(file)) await wait(20);
    controller.abort();

    // then
    await expect(building).rejects.toMatchObject({ code: 'Interrupted' });
    const sleeping = Number(readFileSync(file, 'utf8'));
    while ((await startOf(sleeping)) !== undefined) await wait(20);
    expect(await startOf(sleeping)).toBeUndefined();
  });

  test('by a command takes the name that it writes last, and does not show its output', async () => {
    process.env['AWS_SPEC_SECRET'] = 'hunter2';
    const executable = ['sh', '-c', 'echo Loading; echo loaded:1$AWS_SPEC_SECRET'];
    await buildImage({ ...image(), source: { fingerprint: 'x', executable } }, tool('exit 0'), folder, {});
    expect(calls()).toEqual([`save -o ${folder}/image.tar loaded:1`]);
    delete process.env['AWS_SPEC_SECRET'];
    const failing = ['sh', '-c', 'echo hunter2; exit 4'];
    await expect(
      buildImage({ ...image(), source: { fingerprint: 'x', executable: failing } }, tool('exit 0'), folder, {}),
    ).rejects.toMatchObject({ message: expect.stringMatching(/^The command sh .* failed \(exit code 4\)/), lines: [] });
  });
});

function image(build: Partial<ImageBuild> = {}): ImageAsset {
  return {
    stacks: ['Service'],
    assetId: 'ABC',
    displayName: 'Service/Image',
    target: { account: '111111111111', region: 'eu-west-1' },
    source: { fingerprint: 'x', build: { directory: folder, ...build } },
    manifestFile: join(folder, 'Service.assets.json'),
    repository: 'r',
    tag: 'abc',
  };
}

/** A tool that writes down how it is called, and then runs a line of shell. */
function tool(line: string, name = 'tool') {
  const program = join(folder, `${name}-${Math.random()}`);
  writeFileSync(program, `#!/bin/sh\necho "$@" >> '${log}'\n${line}\n`);
  chmodSync(program, 0o755);
  return program;
}

function calls(): string[] {
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  if (lines.some((line) => /^(save|push)/.test(line))) writeFileSync(log, '');
  return lines;
}
