import { join } from 'node:path';
import preset from '../../jest.preset.mjs';

/** What end-to-end suites share. */
export default {
  ...preset,
  globalSetup: join(import.meta.dirname, 'src/jest-setup.ts'),
  setupFilesAfterEnv: [join(import.meta.dirname, 'src/jest-expect.ts')],
  // Milliseconds. Longer than a test's longest command, which is ended with an hour.
  testTimeout: 7_200_000,
};
