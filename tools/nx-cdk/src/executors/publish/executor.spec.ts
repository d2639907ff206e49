import type { ExecutorContext } from '@nx/devkit';
import { captureOutput } from '../../testing/capture-output.ts';
import publishExecutor from './executor.ts';

test.each(['uploadConcurrency', 'zipConcurrency', 'buildConcurrency'])(
  'nx publish --%s=0 would let nothing happen: it is refused before anything is read',
  async (option) => {
    const context = { root: '/nowhere', cwd: '/nowhere', isVerbose: false, projectName: 'shop' };
    const { success, output } = await captureOutput(() =>
      publishExecutor({ [option]: 0 }, context as unknown as ExecutorContext),
    );
    expect(success).toBe(false);
    expect(output).toContain(`--${option} is 0: it has to be a whole number of at least 1.\n`);
  },
);
