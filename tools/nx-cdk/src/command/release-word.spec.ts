import { TwoEnvironments } from '../history/testing/two-environments.ts';
import { isReviewed } from '../release/index.ts';
import { releaseOfWord } from './release-word.ts';

const world = new TwoEnvironments();
const asked: (string | undefined)[] = [];

const resolve = (word: string, environment?: string, names = ['staging', 'prod']) =>
  releaseOfWord(word, {
    file: {
      ...world.file,
      environments: world.file.environments.map((one, index) => ({ ...one, name: names[index] ?? one.name })),
    },
    environment,
    owner: undefined,
    role: 'deploy',
    aws: async (name) => {
      asked.push(name);
      return world.aws;
    },
  });

beforeEach(() => void (asked.length = 0));

test.each<[string, Parameters<typeof resolve>, RegExp]>([
  ['an environment that exists many times', ['sandbox', 'prod'], /The environment sandbox exists many times/],
  ['previous, without an environment', ['previous'], /name the environment, as in nx deploy-staging/],
  ['previous, if an environment is called so', ['previous', 'prod', ['previous']], /and the environment of that name/],
  ['an environment, in a workspace without a name', ['staging', 'prod'], /the workspace has no name/],
  ['nothing', ['main', 'prod'], /"main" names no release/],
])('%s names no release', async (_, args, message) => {
  await expect(resolve(...args)).rejects.toMatchObject({
    code: 'UnknownRelease',
    message: expect.stringMatching(message),
  });
});

test('what an environment has is asked with its own roles alone', async () => {
  await expect(resolve('staging', 'prod')).rejects.toThrow();
  expect(asked).toEqual(['prod', 'staging']);
});

test.each<[string | undefined, boolean]>([
  ['3f'.repeat(32), true],
  [`infra=${'3f'.repeat(32)},pipeline=${'3f'.repeat(32)}`, true],
  ['3f'.repeat(31), false],
  ['staging', false],
  ['previous', false],
  [undefined, false],
])('%s counts as reviewed: %s', (word, expected) => {
  expect(isReviewed(word)).toBe(expected);
});
