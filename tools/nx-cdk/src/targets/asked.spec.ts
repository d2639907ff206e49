import { isAskedFor } from '../inputs/index.ts';
import { tellAskedTargets } from './asked.ts';

function told(command: string, environment: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  tellAskedTargets({ argv: ['node', 'nx', ...command.split(' ')] }, environment);
  return environment;
}

test.each([
  ['publish infra --ui', [true, false]],
  ['deploy infra --ui', [false, true]],
  ['run infra:publish --ui', [true, false]],
  ['run-many -t publish deploy --ui', [true, true]],
  ['affected -t deploy', [false, true]],
])('nx %s asks for publish and deploy: %p', (command, expected) => {
  const environment = told(command);
  expect(['publish', 'deploy'].map((target) => isAskedFor(environment, target))).toEqual(expected);
});

test('given no word of it, then every target is', () => {
  expect(isAskedFor({}, 'publish')).toBe(true);
});

test('what an outer command named is forgotten', () => {
  expect(isAskedFor(told('publish infra', told('deploy infra')), 'deploy')).toBe(false);
});
