import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'nx-cdk-e2e',
  // Milliseconds. Starting and bootstrapping a local AWS takes seconds; a busy machine is slower.
  testTimeout: 300_000,
};
