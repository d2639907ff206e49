import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvironments } from '@nx-cdk/environments';
import type { AssemblyStack } from '../assembly/index.ts';
import { parseInstance, stackOwner } from '../cloudformation/index.ts';
import { refuseStrayOptions } from './handed-on.ts';
import { chosenInstance, instanceOwner, instancesOf, lifetime, requireInstanceNames } from './instance.ts';
import { fileOfInstance } from './instance-file.ts';

const targets = [{ account: '111111111111', region: 'eu-west-1' }];
const environments = parseEnvironments(
  JSON.stringify({
    ci: targets[0],
    environments: [
      { name: 'sandbox', instances: true, targets },
      { name: 'prod', targets },
    ],
  }),
  'environments.json',
);
const folder = mkdtempSync(join(tmpdir(), 'instance-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the instance that a command is about', () => {
  test('is the one that is named, of an environment that exists many times', () => {
    expect(chosenInstance({ environment: 'sandbox', instance: 'ada' }, environments)).toMatchObject({ name: 'ada' });
    expect(chosenInstance({ environment: 'prod' }, environments)).toBeUndefined();
    expect(chosenInstance({}, environments)).toBeUndefined();
    expect(chosenInstance({}, undefined)).toBeUndefined();
  });

  test('may be called by a number, which Nx makes of it', () => {
    const instance = 12 as unknown as string;
    expect(chosenInstance({ environment: 'sandbox', instance }, environments)?.name).toBe('12');
  });

  test.each([
    [
      { environment: 'prod', instance: 'ada' },
      'the environment prod exists only once: name one that has instances: sandbox',
    ],
    [{ instance: 'ada' }, 'no environment: name one'],
    [{ environment: 'sandbox' }, 'nobody says which instance is meant'],
    [{ environment: 'sandbox', instance: '../prod' }, '--instance is "../prod": lower-case letters'],
  ])('given %p, it is refused', (options, words) => {
    expect(() => chosenInstance(options, environments)).toThrow(words);
  });
});

describe('a stack of an instance', () => {
  const requireName = (stackName: string) =>
    requireInstanceNames([{ id: 'sandbox/Data', stackName } as AssemblyStack], {
      environment: environments.environments[0]!,
      name: 'ada',
    });

  test.each(['sandbox-ada-data', 'ada', 'data-ada', 'Shop-Ada-Data'])('may be called %s', (name) => {
    expect(() => requireName(name)).not.toThrow();
  });

  test.each(['sandbox-data', 'sandbox-adam-data', 'sandboxada'])('may not be called %s: all would be one', (name) => {
    expect(() => requireName(name)).toThrow('does not hold that of the instance ada');
  });
});

describe('the owner of an instance', () => {
  const owner = stackOwner('acme', 'infra');
  const instance = { environment: environments.environments[0]!, name: 'ada' };
  const of = (options: object) => instanceOwner(owner, instance, options, folder, 1_000_000);

  test('says when it expires, and which commit was deployed', async () => {
    const { id, more } = await of({ expires: '3d', commit: 'a'.repeat(40) });
    expect(id).toBe(owner.id);
    expect(parseInstance(more)).toEqual({
      instance: 'ada',
      expiresAt: 1_000_000 + 3 * 86_400_000,
      commit: 'a'.repeat(12),
    });
    expect(parseInstance((await of({})).more)).toEqual({ instance: 'ada' });
  });

  test('is refused without a name of the workspace, since nobody could find it again', async () => {
    await expect(instanceOwner(undefined, instance, {}, folder)).rejects.toThrow('The workspace has no name');
    const source = { workspaceRoot: folder, projectName: 'infra', environments: () => environments };
    expect(() => instancesOf({}, source)).toThrow('The workspace has no name');
  });

  test.each(['main', 'abc', 'A'.repeat(40)])('has no commit %s', async (commit) => {
    await expect(of({ commit })).rejects.toThrow('--commit is');
  });
});

test('a lifetime is a number of hours, days or weeks, at most a year', () => {
  expect([lifetime('12h'), lifetime('3d'), lifetime('2w')]).toEqual([43_200_000, 259_200_000, 1_209_600_000]);
  for (const wrong of ['', '3', 'd', '0d', '-1d', '1.5d', '3 d', '3m', '9999w', '367d'])
    expect(() => lifetime(wrong)).toThrow('such as 12h, 3d or 2w');
});

test('each instance has files of its own', () => {
  expect(fileOfInstance('out/outputs.json', 'ada')).toBe('out/outputs.ada.json');
  expect(fileOfInstance('out.d/outputs', 'ada')).toBe('out.d/outputs.ada');
  expect(fileOfInstance('{instance}/outputs.json', 'ada')).toBe('ada/outputs.json');
  expect(fileOfInstance('outputs.json', undefined)).toBe('outputs.json');
});

test('options of later steps are taken together with an instance only', () => {
  expect(() => refuseStrayOptions({ stacks: 'x', yes: true }, { stacks: {} })).toThrow('There is no option --yes here');
  expect(() => refuseStrayOptions({ stacks: 'x', yes: true, instance: 'ada' }, { stacks: {} })).not.toThrow();
});
