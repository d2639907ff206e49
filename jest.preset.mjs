import { availableParallelism } from 'node:os';
import { join } from 'node:path';

// CDK checks templates against CloudFormation's schemas, which takes most of a synthesis. The tests of each app's
// `main.ts` let it, in a process of their own. Jest's workers get the variable from here.
process.env['CDK_VALIDATION'] ??= 'false';

// A test says itself whether something runs in a CI: it finds out the same on every machine.
delete process.env['CI'];

/**
 * What every project's Jest run shares. Sources are ES modules in TypeScript that Node 24 runs as they are, so tests
 * run them as ES modules too (`--experimental-vm-modules`, set in each `test` script) and swc only strips the types.
 */
export default {
  testEnvironment: 'node',
  // Jest would leave one processor idle; of two that is half, while the largest project runs alone at the end.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Milliseconds. Ends what would never end; nothing fails because a machine is slow or busy.
  testTimeout: 300_000,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
      },
    ],
  },
  reporters: ['default', join(import.meta.dirname, 'jest.results-reporter.mjs')],
  testMatch: ['<rootDir>/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/dist'],
};
