import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  globalSetup: '<rootDir>/../../tools/test-bed/src/jest-setup.ts',
  displayName: 'workspace-tests',
  // Milliseconds. A step is several real commands, each a process of seconds; a machine may be ten times slower than
  // ours.
  testTimeout: 900_000,
};
