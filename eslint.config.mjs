import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/**
 * What each folder of the plugin may import of the others; the one-way flow of ARCHITECTURE.md. `assembly` knows
 * nothing of AWS, `aws` nothing of stacks, `publish` and
 * `deploy` nothing of each other or of Nx, `progress` only listens, and no executor reaches into another one.
 */
const ROOMS = {
  failure: [],
  progress: ['failure'],
  assembly: ['failure'],
  aws: ['failure', 'progress'],
  toolkit: ['failure', 'progress', 'aws'],
  cloudformation: ['failure', 'progress', 'assembly', 'aws'],
  release: ['failure', 'progress', 'assembly', 'aws'],
  deployments: ['failure', 'progress', 'assembly', 'aws'],
  synth: ['failure', 'progress', 'assembly', 'aws', 'toolkit', 'release'],
  handlers: ['failure', 'progress'],
  publish: ['failure', 'progress', 'assembly', 'aws'],
  deploy: ['failure', 'progress', 'assembly', 'aws', 'cloudformation'],
  bootstrap: ['failure', 'progress', 'assembly', 'aws', 'toolkit'],
  diff: ['failure', 'progress', 'assembly', 'aws', 'toolkit', 'deploy'],
  destroy: ['failure', 'progress', 'assembly', 'aws', 'cloudformation', 'deploy'],
  plan: ['failure', 'progress', 'assembly', 'aws', 'cloudformation', 'deploy'],
  rollback: ['failure', 'progress', 'assembly', 'aws', 'toolkit', 'cloudformation', 'deploy'],
  lookups: ['failure', 'progress', 'assembly', 'aws', 'toolkit', 'synth'],
  targets: ['failure', 'synth'],
  command: ['failure', 'progress', 'assembly', 'aws', 'release', 'deploy'],
  mask: ['failure', 'progress'],
  comment: ['failure'],
  cli: ['failure', 'progress', 'assembly', 'aws', 'deployments', 'release', 'mask', 'comment'],
};

/** The folders that know Nx: everything below them would run in another build tool as well. */
const KNOWS_NX = ['targets', 'command', 'cli'];

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => {
  const message = `src/${room} may import ${allowed.length === 0 ? 'no other folder' : `only the index.ts of ${allowed.join(', ')}`}: see ARCHITECTURE.md.`;
  const refused = `^\\.\\./(?!(${allowed.join('|')})/index\\.ts$)`;
  return {
    files: [`tools/nx-cdk/src/${room}/**/*.ts`],
    ignores: ['**/*.spec.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: refused, message },
            ...(KNOWS_NX.includes(room)
              ? []
              : [{ regex: '^(nx|@nx/)', message: `src/${room} knows nothing of Nx: see ARCHITECTURE.md.` }]),
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: `ImportExpression[source.value=/${refused.replaceAll('/', '\\/')}/]`, message },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', '**/cdk.out*', '**/.local-aws', '**/.nx', '**/tmp', '**/*.d.ts'] },
  {
    files: ['**/*.ts', '**/*.mjs'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // In code that is mostly waiting, a promise nobody waits for is the mistake that tests find last.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          allowCircularSelfDependency: true,
          depConstraints: [
            { sourceTag: 'room:environments', onlyDependOnLibsWithTags: ['room:environments'] },
            { sourceTag: 'room:processes', onlyDependOnLibsWithTags: ['room:processes'] },
            { sourceTag: 'room:handlers', onlyDependOnLibsWithTags: ['room:handlers'] },
            { sourceTag: 'room:constructs', onlyDependOnLibsWithTags: ['room:constructs'] },
            {
              sourceTag: 'room:apps',
              onlyDependOnLibsWithTags: ['room:constructs', 'room:handlers', 'room:environments'],
            },
            {
              sourceTag: 'room:tools',
              onlyDependOnLibsWithTags: ['room:tools', 'room:environments', 'room:processes'],
            },
            {
              sourceTag: 'room:local-aws',
              onlyDependOnLibsWithTags: ['room:local-aws', 'room:environments', 'room:processes'],
            },
            {
              sourceTag: 'room:workspace',
              onlyDependOnLibsWithTags: [
                'room:workspace',
                'room:environments',
                'room:processes',
                'room:local-aws',
                'room:tools',
              ],
            },
            { sourceTag: 'room:e2e', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
    },
  },
  {
    files: ['tools/nx-cdk/src/{executors,generators}/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\.\\./(?!\\.\\./)',
              message: 'An executor or generator never reaches into another one: what two share is an engine folder.',
            },
          ],
        },
      ],
    },
  },
  ...roomRules,
);
