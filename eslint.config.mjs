import stylistic from '@stylistic/eslint-plugin';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import rooms from './tools/workspace/lint/doors.ts';

/**
 * The command line lints all projects on one TypeScript program: a program each takes five times as long, and together
 * more memory than Node has. An editor lints one file at a time, and needs only the program of its project.
 */
const program = /\beslint(\.js)?$/.test(process.argv[1] ?? '')
  ? { project: 'tsconfig.json' }
  : { projectService: true };

/**
 * Apps and handlers are what a newcomer gets, without tags of this repository: what they may not import is said for
 * their folders.
 */
const boundariesOf = (files, ...forbidden) => ({
  files,
  rules: {
    '@nx/enforce-module-boundaries': [
      'error',
      { depConstraints: [{ sourceTag: '*', notDependOnLibsWithTags: forbidden.map((room) => `room:${room}`) }] },
    ],
  },
});

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', '**/cdk.out*', '**/.local-aws', '**/.nx', '**/tmp', '**/*.d.ts'] },
  {
    files: ['**/*.ts', '**/*.mjs'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx, '@stylistic': stylistic },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      '@stylistic/max-len': [
        'error',
        {
          code: 120,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
          ignoreUrls: true,
        },
      ],
      eqeqeq: 'error',
      'no-console': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreUsingDeclarations: true }],
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { ...program, tsconfigRootDir: import.meta.dirname } },
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
          // The plugin loads them when it needs them: Nx waits for it at each command.
          checkDynamicDependenciesExceptions: ['@nx-cdk/environments', '@nx-cdk/processes'],
          depConstraints: [
            { sourceTag: 'room:environments', onlyDependOnLibsWithTags: ['room:environments'] },
            { sourceTag: 'room:processes', onlyDependOnLibsWithTags: ['room:processes'] },
            { sourceTag: 'room:constructs', onlyDependOnLibsWithTags: ['room:constructs', 'room:environments'] },
            {
              sourceTag: 'room:tools',
              onlyDependOnLibsWithTags: ['room:tools', 'room:environments', 'room:processes'],
            },
            {
              sourceTag: 'room:local-aws',
              onlyDependOnLibsWithTags: ['room:local-aws', 'room:tools', 'room:environments', 'room:processes'],
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
            { sourceTag: 'room:tests', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
    },
  },
  boundariesOf(['apps/**/*.ts'], 'processes', 'tools', 'local-aws', 'workspace', 'tests'),
  boundariesOf(
    ['libs/handlers/**/*.ts'],
    'environments',
    'constructs',
    'processes',
    'tools',
    'local-aws',
    'workspace',
    'tests',
  ),
  {
    files: ['**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**', 'tests/**'],
    plugins: { rooms },
    rules: { 'rooms/doors': 'error' },
  },
  {
    files: ['tools/{nx-cdk,pipeline-walker}/src/**/*.ts'],
    ignores: [
      '**/*.spec.ts',
      '**/testing/**',
      'tools/nx-cdk/src/{generators,migrations,workspace,new-project,example}/**',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          name: '@nx/devkit',
          allowTypeImports: true,
          message: 'A workspace may be without it, and still deploys: nx/src/devkit-exports.js has the same.',
        },
      ],
    },
  },
);
