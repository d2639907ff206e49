import type { ProjectGraph } from '@nx/devkit';
import { isInput } from './target-inputs.ts';

const NX_JSON = {
  namedInputs: {
    default: ['{projectRoot}/**/*', '{workspaceRoot}/lock.json'],
    production: ['default', '!{projectRoot}/**/*.spec.ts'],
  },
};

/** A handler that depends on a library. */
function graph(inputs?: readonly unknown[]): ProjectGraph {
  const node = (root: string, targets: object) => ({ data: { root, targets } });
  return { nodes: { api: node('libs/api', { build: { inputs } }), shared: node('libs/shared', {}) } } as never;
}

const counts = (file: string, of: 'api' | 'shared', inputs?: readonly unknown[]) =>
  isInput(`/shop/${file}`, { of, from: 'api' }, graph(inputs), NX_JSON as never, '/shop');

test.each<[string, 'api' | 'shared', readonly unknown[] | undefined, boolean]>([
  ['libs/api/src/handler.ts', 'api', undefined, true],
  ['libs/shared/src/index.ts', 'shared', undefined, true],
  ['libs/api/src/handler.ts', 'api', ['production'], true],
  ['libs/api/src/handler.spec.ts', 'api', ['production'], false],
  ['libs/shared/src/index.ts', 'shared', ['production'], false],
  ['libs/shared/src/index.ts', 'shared', ['production', '^production'], true],
  ['libs/shared/src/index.spec.ts', 'shared', ['production', '^production'], false],
  ['libs/api/.env', 'api', ['production'], true],
  ['libs/api/src/handler.ts', 'api', ['{projectRoot}/src/**/*.ts'], true],
  ['libs/api/README.md', 'api', ['{projectRoot}/src/**/*.ts'], false],
  ['libs/api/src/handler.ts', 'api', [{ fileset: '{projectRoot}/src/**' }], true],
  ['libs/shared/src/index.ts', 'shared', [{ input: 'production', dependencies: true }], true],
  ['libs/api/src/handler.ts', 'api', [{ env: 'MODE' }], false],
])('%s of %s counts for a build with the inputs %j: %s', (file, of, inputs, expected) => {
  expect(counts(file, of, inputs)).toBe(expected);
});
