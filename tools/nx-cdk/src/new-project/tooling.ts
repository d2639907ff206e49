import { offsetFromRoot, readJson, type Tree, writeJson } from '@nx/devkit';

/** A tsconfig.json, as far as this looks into one. */
interface TsConfig {
  readonly compilerOptions?: { readonly allowImportingTsExtensions?: boolean };
}

/** For sources that Node runs as they are: https://nodejs.org/api/typescript.html#recommended-tsconfigjson */
const COMPILER_OPTIONS = {
  target: 'es2024',
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  noEmit: true,
};

const JEST_CONFIG = (name: string) => `// Node runs TypeScript as it is. For Jest, swc takes the types away.
const swc = {
  jsc: { target: 'es2024', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } },
  module: { type: 'es6' },
};

export default {
  displayName: '${name}',
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  // Milliseconds: on a busy machine, CDK takes a while.
  testTimeout: 60_000,
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\\\.ts$': ['@swc/jest', swc] },
};
`;

/** A project in TypeScript, or with some. */
export interface TypeScriptProject {
  /** Folder with what is made of its sources, which are not in there. */
  readonly output: string;
  /** Whether it has tests for Jest. */
  readonly jest: boolean;
}

/**
 * Writes the settings of TypeScript. They build on those of the workspace if it has its own for sources that Node runs,
 * and else stand alone: what a workspace compiles otherwise has other settings.
 */
export function writeTsConfig(tree: Tree, root: string, { output, jest }: TypeScriptProject): void {
  const base = tree.exists('tsconfig.base.json') ? readJson<TsConfig>(tree, 'tsconfig.base.json') : {};
  const settings =
    base.compilerOptions?.allowImportingTsExtensions === true
      ? { extends: `${offsetFromRoot(root)}tsconfig.base.json` }
      : { compilerOptions: { ...COMPILER_OPTIONS, types: jest ? ['node', 'jest'] : ['node'] } };
  writeJson(tree, `${root}/tsconfig.json`, { ...settings, include: ['**/*.ts'], exclude: [output] });
}

/** Writes the settings of Jest for tests in TypeScript. They build on those of the workspace in the same way. */
export function writeJestConfig(tree: Tree, root: string, name: string): void {
  const preset = `import preset from '${offsetFromRoot(root)}jest.preset.mjs';\n\nexport default { ...preset, displayName: '${name}' };\n`;
  tree.write(`${root}/jest.config.mjs`, tree.exists('jest.preset.mjs') ? preset : JEST_CONFIG(name));
}
