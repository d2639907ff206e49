import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import type { ExecutorContext } from '@nx/devkit';
import { Failure } from '../failure/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { type Command, type CommandResult, type CommonOptions, defineExecutor } from './define-executor.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const fail = async () => {
  throw new Failure(
    'AssetMissing',
    { what: 'The asset x is missing: run publish first.' },
    { cause: new Error('404 of S3') },
  );
};

describe('running an executor', () => {
  test('gives its part the project and its root, and writes the report it comes back with', async () => {
    let seen: Partial<Command> = {};
    const { success } = await run({ report: 'reports/r.json' }, async ({ projectName, projectRoot, workspaceRoot }) => {
      seen = { projectName, projectRoot, workspaceRoot };
      return { success: true, report: { stacks: 1 } };
    });
    expect(success).toBe(true);
    expect(seen).toEqual({
      projectName: 'shop',
      projectRoot: workspace.path('apps/shop'),
      workspaceRoot: workspace.root,
    });
    expect(JSON.parse(readFileSync(workspace.path('reports/r.json'), 'utf8'))).toEqual({ stacks: 1 });
  });

  test('does not do what Nx only runs before a command that takes a stored release', async () => {
    const isDone = async (targetName: string) => {
      let done = false;
      const body = async () => ({ success: (done = true) });
      const { success, output } = await run({}, body, {}, { targetName, settings: { leftOut: 'published' } });
      expect(success).toBe(true);
      expect(output.includes('Nothing is published: the command names a release')).toBe(!done);
      return done;
    };
    const name = 'NX_CDK_STORED_RELEASE_TARGETS';
    const before = process.env[name];
    try {
      process.env[name] = 'deploy';
      expect([await isDone('publish'), await isDone('deploy')]).toEqual([false, true]);
      process.env[name] = '';
      expect(await isDone('publish')).toBe(true);
    } finally {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  });

  test('finds the signing key of the workspace in its environments file, whatever the app names', async () => {
    const [CI, key] = [{ account: '123456789012', region: 'eu-west-1' }, 'arn:aws:kms:eu-west-1:123456789012:key/1a2b'];
    const content = { ci: CI, environments: [{ name: 'staging', targets: [CI] }], signing: { key } };
    const found = async (nxJson?: object) => {
      let signing: object | undefined;
      const look = async (command: Command) => {
        const file = command.workspaceFile();
        signing = file === undefined ? undefined : { file, signing: command.environments(file).signing };
        return { success: true };
      };
      const { success, output } = await run({}, look, nxJson);
      return success ? signing : output;
    };
    const signing = { key, algorithm: 'ECDSA_SHA_256' };

    expect(await found()).toBeUndefined();
    workspace.write('environments.json', content);
    expect(await found()).toEqual({ file: 'environments.json', signing });
    workspace.write('config/places.json', { ...content, signing: { key: `${key}2` } });
    const options = { environmentsFile: 'config/places.json' };
    expect(await found({ plugins: ['other', { plugin: 'nx-cdk/plugin', options }] })).toMatchObject({
      file: 'config/places.json',
      signing: { key: `${key}2` },
    });
    const gone = { environmentsFile: 'gone.json' };
    expect(await found({ plugins: [{ plugin: 'nx-cdk/plugin', options: gone }] })).toMatch(/gone\.json/);
  });

  test('turns a failure into one sentence, without a stack trace', async () => {
    const { success, output } = await run({}, fail);
    expect(success).toBe(false);
    expect(output).toContain('The asset x is missing: run publish first.');
    expect(output).not.toMatch(/\n\s+at |404 of S3/);
  });

  test('writes failures as data to the file that NX_CDK_FAILURES_FILE names, those of items and of the whole', async () => {
    const file = workspace.path('failures.jsonl');
    process.env['NX_CDK_FAILURES_FILE'] = file;
    const failure = { code: 'AccessDenied', message: 'No.', denied: { action: 's3:PutObject', role: 'publishing' } };
    try {
      await run({}, async ({ listener }) => {
        listener({ type: 'item-finished', id: 'x', outcome: 'failed', detail: 'No.', failure, milliseconds: 1 });
        return fail();
      });
    } finally {
      delete process.env['NX_CDK_FAILURES_FILE'];
    }
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      failure,
      { code: 'AssetMissing', message: 'The asset x is missing: run publish first.' },
    ]);
  });

  test('adds code, trace and cause if it is asked to be verbose, and says the sentence once', async () => {
    const { output } = await run({ verbose: true }, fail);
    expect(output.split('The asset x is missing')).toHaveLength(2);
    expect(output).toMatch(/\nCode: AssetMissing\n\s+at /);
    expect(output).toMatch(/Caused by: Error: 404 of S3/);
  });

  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['', false],
  ])('is verbose as well where NX_CDK_VERBOSE is "%s": %s', async (value, verbose) => {
    process.env['NX_CDK_VERBOSE'] = value;
    try {
      const { output } = await run({}, fail);
      expect(/Caused by: Error: 404 of S3/.test(output)).toBe(verbose);
    } finally {
      delete process.env['NX_CDK_VERBOSE'];
    }
  });

  test('does the same for what was never meant for people', async () => {
    const { success, output } = await run({}, async () => {
      throw new TypeError('x is not a function');
    });
    expect(success).toBe(false);
    expect(output).toContain('x is not a function');
    expect(output).not.toMatch(/\n\s+at /);
  });

  test('writes a failure as JSON for machines', async () => {
    const { output } = await run({ json: true }, fail);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ type: 'message', level: 'error', text: expect.stringContaining('publish first') }),
    );
  });

  test('refuses to go to AWS for a configuration that stands for another endpoint, before anything is done', async () => {
    let ran = false;
    const body = async () => ((ran = true), { success: true });
    const { success, output } = await run({ requireEndpoint: true }, body);
    expect({ success, ran }).toEqual({ success: false, ran: false });
    expect(output).toMatch(/AWS_ENDPOINT_URL is not set: start what writes the \.env file/);
  });

  test('an interrupted run is no success, whatever its part says', async () => {
    const { success, output } = await run({}, async ({ signal }) => {
      process.emit('SIGINT', 'SIGINT');
      expect(signal.aborted).toBe(true);
      return { success: true };
    });
    expect(success).toBe(false);
    expect(output).toContain('nothing new is started');
  });

  test('leaves no signal handler behind', async () => {
    const before = process.listenerCount('SIGINT');
    await run({}, fail);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

/** Runs a part as Nx runs an executor, without an endpoint in the environment, and keeps what it prints. */
async function run(
  options: CommonOptions,
  body: (command: Command) => Promise<CommandResult>,
  nxJsonConfiguration: object = {},
  { targetName, settings }: { readonly targetName?: string; readonly settings?: { readonly leftOut: string } } = {},
) {
  const projectsConfigurations = { version: 2, projects: { shop: { root: 'apps/shop' } } };
  const context = {
    root: workspace.root,
    isVerbose: false,
    projectName: 'shop',
    projectsConfigurations,
    nxJsonConfiguration,
    targetName,
  };
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  delete process.env['AWS_ENDPOINT_URL'];
  let output = '';
  const keep = (text: unknown) => ((output += String(text)), true);
  const streams = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(keep as never),
  );
  try {
    return {
      ...(await defineExecutor((_, command) => body(command), settings)(
        options,
        context as unknown as ExecutorContext,
      )),
      output,
    };
  } finally {
    for (const stream of streams) stream.mockRestore();
    if (endpoint !== undefined) process.env['AWS_ENDPOINT_URL'] = endpoint;
  }
}
