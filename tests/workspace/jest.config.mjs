import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  globalSetup: '<rootDir>/../../tools/test-bed/src/jest-setup.ts',
  displayName: 'workspace-tests',
  // Milliseconds. Longer than a test's longest command, which is ended with an hour.
  testTimeout: 7_200_000,
};
