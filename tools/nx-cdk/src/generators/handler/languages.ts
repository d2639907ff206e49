import type { PackageName } from '../../workspace/index.ts';

/** What a function can be written in, or made of. */
export type Language = 'typescript' | 'python' | 'go' | 'rust' | 'container';

/** What a project in a language is made of. */
export interface LanguageFacts {
  /** In a sentence. */
  readonly title: string;
  /** Folders of templates, besides the common one. */
  readonly templates: readonly string[];
  /** A file that only a handler in this language has. */
  readonly mark: string;
  /** What Lambda runs it with, as `HandlerAsset` of `@nx-cdk/constructs` calls it. */
  readonly runtime: string;
  /** File and function, or the program, that Lambda starts. */
  readonly handler: string;
  /** Scripts of its package.json. */
  readonly scripts: Readonly<Record<string, string>>;
  /** What Nx is told in its package.json. */
  readonly nx: Readonly<Record<string, unknown>>;
  /** What its types, tests and build need. */
  readonly packages: readonly PackageName[];
  /** What git leaves out. */
  readonly ignored: readonly string[];
  /** Nx targets to try it with. */
  readonly targets: readonly string[];
}

const TYPES: readonly PackageName[] = ['@types/node', 'typescript'];
const TESTS: readonly PackageName[] = ['@swc/core', '@swc/jest', '@types/jest', 'jest'];
const TYPECHECK = { typecheck: 'tsc -p tsconfig.json' };

/** Its packages are those for this version. */
const PYTHON = 'python3.13';

/** Of a program in Go or Rust. The tag tells the plugin to build, test and vet it. */
const COMPILED = {
  scripts: TYPECHECK,
  nx: { tags: ['nx-cdk:handler'] },
  packages: TYPES,
  targets: ['test', 'build'],
  runtime: 'provided.al2023',
  handler: 'bootstrap',
};

/**
 * The facts of each language.
 *
 * @param inputs the named input of Nx that holds sources without tests; a workspace may have none
 * @param architecture what the workspace's functions run on
 */
export function factsOf(language: Language, inputs: 'production' | 'default', architecture: string): LanguageFacts {
  const build = { cache: true, inputs: [inputs], outputs: ['{projectRoot}/dist'] };
  switch (language) {
    case 'typescript':
      return {
        title: 'TypeScript',
        templates: ['typescript'],
        mark: 'src/handler.ts',
        runtime: 'nodejs24.x',
        handler: 'index.handler',
        scripts: {
          build:
            'esbuild src/handler.ts --bundle --platform=node --target=node24 --format=cjs --external:@aws-sdk/* ' +
            '--charset=utf8 --log-level=warning --outfile=dist/index.js',
          ...TYPECHECK,
          test: 'NODE_OPTIONS="--experimental-vm-modules --no-warnings" jest',
        },
        nx: { targets: { build } },
        packages: ['esbuild', ...TYPES, ...TESTS],
        ignored: ['dist'],
        targets: ['test', 'build'],
      };
    case 'python':
      return {
        title: 'Python',
        templates: ['python'],
        mark: 'src/handler.py',
        runtime: PYTHON,
        handler: 'handler.handler',
        scripts: { ...TYPECHECK, test: 'PYTHONPATH=src python3 -B -m unittest discover tests' },
        nx: {
          targets: {
            build: {
              executor: 'nx-cdk:build-python',
              options: { runtime: PYTHON, ...(architecture !== 'arm64' && { architecture }) },
              ...build,
            },
          },
        },
        packages: TYPES,
        ignored: ['dist', '__pycache__'],
        targets: ['test', 'build'],
      };
    case 'go':
      return { title: 'Go', templates: ['go'], mark: 'main.go', ...COMPILED, ignored: ['dist', 'test-results'] };
    case 'rust':
      return {
        title: 'Rust',
        templates: ['rust'],
        mark: 'Cargo.toml',
        ...COMPILED,
        ignored: ['dist', 'target', 'test-results'],
      };
    case 'container':
      return {
        title: 'Go, as a container image',
        templates: ['go', 'container'],
        mark: 'Dockerfile',
        ...COMPILED,
        runtime: 'image',
        ignored: ['dist', 'test-results'],
      };
  }
}
