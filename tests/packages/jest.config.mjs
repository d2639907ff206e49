import { join } from 'node:path';
import preset from '../../tools/test-bed/jest.preset.mjs';

export default {
  ...preset,
  displayName: 'package-tests',
  globalSetup: join(import.meta.dirname, 'src/jest-setup.ts'),
  globalTeardown: join(import.meta.dirname, 'src/jest-teardown.ts'),
};
