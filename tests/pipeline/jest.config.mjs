import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  globalSetup: '<rootDir>/../../tools/test-bed/src/jest-setup.ts',
  displayName: 'pipeline-tests',
  // Milliseconds. A walk installs the whole workspace; a machine may be ten times slower than ours.
  testTimeout: 1_800_000,
};
