import { isCI } from './ci.ts';

test.each<[NodeJS.ProcessEnv, boolean]>([
  [{}, false],
  [{ CI: 'true' }, true],
  [{ CI: '1' }, true],
  // a service that does not set CI
  [{ TF_BUILD: 'True' }, true],
  [{ JENKINS_URL: 'https://ci.example.com/' }, true],
  // who says no, wherever it runs
  [{ CI: 'false', GITHUB_ACTIONS: 'true' }, false],
  [{ CI: '0' }, false],
  [{ CI: '' }, false],
])('%j is a CI: %s', (env, expected) => {
  expect(isCI(env)).toBe(expected);
});
