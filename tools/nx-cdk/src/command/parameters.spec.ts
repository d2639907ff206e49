import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssemblyStack } from '../assembly/index.ts';
import { redact } from '../progress/index.ts';
import { givenParameters, type ParameterOptions } from './parameters.ts';

const stack = { id: 'staging/Data', stackName: 'staging-Data', parameters: {} } as unknown as AssemblyStack;
const declared = (noEcho: boolean) => ({ noEcho, fromSsm: false, default: undefined });
const template = {
  digest: '',
  bytes: 0,
  text: () => '',
  resources: new Map(),
  mayMove: [],
  exports: new Map(),
  parameters: new Map([
    ['Token', declared(true)],
    ['Size', declared(false)],
  ]),
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parameters-'));
});

afterAll(() => rm(folder, { recursive: true }));

const values = async (options: ParameterOptions, environment: NodeJS.ProcessEnv = {}) =>
  Object.fromEntries((await givenParameters(options, folder, [stack], environment)).forStack(stack, template));

test('values come from a file, from the environment, and from the command line, which wins', async () => {
  await writeFile(join(folder, 'all.json'), '{ "Token": "@env:TOKEN", "Size": 3, "Size2": true }');
  const environment = { TOKEN: 'a=b @env:OTHER', SIZE: 'large' };

  expect(await values({ parametersFile: 'all.json' }, environment)).toEqual({ Token: 'a=b @env:OTHER', Size: '3' });
  expect(await values({ parametersFile: 'all.json', parameters: 'Size=small' }, environment)).toMatchObject({
    Size: 'small',
  });
  expect(await values({ parameters: ['staging/Data:Size=@env:SIZE'] }, environment)).toEqual({ Size: 'large' });
});

test('a value of a NoEcho parameter is masked from the moment on at which it is known to be one', async () => {
  await values({ parameters: 'Token=@env:TOKEN' }, { TOKEN: 'quiet-as-a-mouse' });
  await values({ parameters: 'Size=not-a-secret' });

  expect(redact('it said quiet-as-a-mouse, not-a-secret')).toBe('it said ****, not-a-secret');
});

test.each([
  ['is not there', undefined, /all-lost\.json is not there: write \{ "Key": "Value"/],
  ['is no JSON', '{ "Token": hunter2 }', /is no JSON/],
  ['is a list', '["Token=hunter2"]', /holds no JSON object/],
  ['has a list in it', '{ "Token": ["hunter2"] }', /has no text, number or switch for "Token"/],
  ['names what is no parameter', '{ "Else:Token": "hunter2" }', /stack "Else", which the assembly does not have/],
])('a file that %s is refused without a word of its values', async (_, content, sentence) => {
  const file = content === undefined ? 'all-lost.json' : 'broken.json';
  if (content !== undefined) await writeFile(join(folder, file), content);

  const failure: Error = await values({ parametersFile: file }).then(
    () => new Error('it was taken'),
    (error: Error) => error,
  );

  expect(failure.message).toMatch(sentence);
  expect(`${failure.message}${(failure.cause as Error | undefined)?.message}`).not.toContain('hunter2');
});

test('a variable that is not set is no empty value', async () => {
  await expect(values({ parameters: 'Token=@env:TOKEN' })).rejects.toThrow(
    'Parameter "Token" is to be the value of the environment variable TOKEN, which is not set: set it for this command.',
  );
  expect(await values({ parameters: 'Token=@env:TOKEN' }, { TOKEN: '' })).toEqual({ Token: '' });
});
