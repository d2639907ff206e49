import { join } from 'node:path';
import { shareCompileCache } from './compile-cache.ts';

const environmentAfter = (environment: NodeJS.ProcessEnv) => {
  shareCompileCache('/workspace', environment);
  return environment;
};

describe('the compile cache of tasks', () => {
  test('lies in the workspace, wherever a task runs', () => {
    expect(environmentAfter({})).toEqual({
      NODE_COMPILE_CACHE: join('/workspace', 'node_modules', '.cache', 'nx-cdk'),
    });
  });

  test.each([{ NODE_COMPILE_CACHE: '/elsewhere' }, { NODE_DISABLE_COMPILE_CACHE: '1' }])('is as %j says', (given) => {
    expect(environmentAfter({ ...given })).toEqual(given);
  });
});
