import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  globalSetup: '<rootDir>/../../tools/test-bed/src/jest-setup.ts',
  displayName: 'engine-tests',
  // Milliseconds. What never ends is ended, on a machine that is as slow and as busy as it likes: a test takes seconds,
  // one that installs a workspace minutes.
  testTimeout: 900_000,
};
