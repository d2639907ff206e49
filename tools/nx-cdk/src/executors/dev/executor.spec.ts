import type { Environments } from '@nx-cdk/environments';
import { environmentFor, instanceFor } from './executor.ts';

const CI = ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'CIRCLECI', 'CODEBUILD_BUILD_ID', 'TF_BUILD', 'BUILDKITE'];
const before = { ...process.env };
beforeEach(() => CI.forEach((name) => delete process.env[name]));
afterEach(() => {
  process.env = { ...before };
});

/** The environment that is meant, of a file in which these are for development. */
function chosen(forDevelopment: readonly string[], environment?: string, more: object = {}) {
  const environments = ['dev', 'ada', 'staging', 'prod'].map((name) => ({
    name,
    approval: name === 'prod',
    development: forDevelopment.includes(name),
  }));
  const read = () => ({ file: '/shop/environments.json', environments }) as unknown as Environments;
  return environmentFor({ environmentsFile: 'environments.json', environment, ...more }, read);
}

test('is the only one that is for development', () => {
  expect(chosen(['dev'])).toBe('dev');
});

test('is the one that is named', () => {
  expect(chosen(['dev', 'ada'], 'ada')).toBe('ada');
});

test.each<[string, () => string, RegExp]>([
  ['none is for development', () => chosen([]), /No environment in .* is for development: mark it with "development"/],
  ['several are', () => chosen(['dev', 'ada']), /several environments for development: dev, ada: name one with/],
  ['the named one is not', () => chosen(['dev'], 'staging'), /staging is not for development: .* another one \(dev\)/],
  ['the named one asks for an approval', () => chosen(['prod'], 'prod'), /prod is not for development/],
  ['it is not there', () => chosen(['dev'], 'test'), /test is not for development/],
  [
    'the app names no file',
    () => chosen(['dev'], 'dev', { environmentsFile: undefined }),
    /names no environments file/,
  ],
])('is refused if %s', (_, choose, sentence) => {
  expect(choose).toThrow(
    expect.objectContaining({ code: 'NotForDevelopment', message: expect.stringMatching(sentence) }),
  );
});

test('is refused in a CI, whatever the file says', () => {
  process.env['CI'] = 'true';
  expect(() => chosen(['dev'])).toThrow(expect.objectContaining({ code: 'NotForDevelopment' }));
});

describe('the instance that is meant', () => {
  const read = () =>
    ({ environments: [{ name: 'dev' }, { name: 'sandbox', instances: true }] }) as unknown as Environments;

  test.each<[string, object, string | undefined]>([
    ['is that of whoever works here', { environment: 'sandbox', defaultInstance: 'ada' }, 'ada'],
    ['is the one that is named', { environment: 'sandbox', defaultInstance: 'ada', instance: 'ben' }, 'ben'],
    ['is none of what exists once', { environment: 'dev', defaultInstance: 'ada' }, undefined],
    ['is not left out if it cannot be', { environment: 'dev', instance: 'ben' }, 'ben'],
    ['is not known if git knows nobody', { environment: 'sandbox' }, undefined],
  ])('%s', (_, options, expected) => {
    expect(instanceFor({ environmentsFile: 'environments.json', ...options }, read)).toBe(expected);
  });
});
