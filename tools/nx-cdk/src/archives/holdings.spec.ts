import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Holdings, temporaryFolder } from './holdings.ts';

function holding(name: string, log: string[], error?: Error) {
  const dispose = () => {
    log.push(name);
    if (error !== undefined) throw error;
  };
  return { [Symbol.dispose]: dispose };
}

test('what is held is let go of at the end, the last one first', async () => {
  const log: string[] = [];
  {
    await using held = new Holdings();
    held.use(holding('memory', log));
    held.use({ [Symbol.asyncDispose]: async () => void log.push('file') });
    expect(held.use(undefined)).toBeUndefined();
    expect(log).toEqual([]);
  }
  expect(log).toEqual(['file', 'memory']);
});

test('what is handed over is let go of by the new holder, and by nobody else', async () => {
  const log: string[] = [];
  let moved: Holdings;
  {
    await using held = new Holdings();
    held.use(holding('memory', log));
    moved = held.move();
  }
  expect(log).toEqual([]);
  await moved[Symbol.asyncDispose]();
  await moved[Symbol.asyncDispose]();
  expect(log).toEqual(['memory']);
});

test('an error lets go of the others all the same, and is told', async () => {
  const log: string[] = [];
  const held = new Holdings();
  held.use(holding('first', log));
  held.use(holding('second', log, new Error('is stuck')));
  await expect(held[Symbol.asyncDispose]()).rejects.toThrow('is stuck');
  expect(log).toEqual(['second', 'first']);
});

test('a temporary folder is for its user alone, and goes with all that is in it', async () => {
  let path: string;
  {
    await using folder = await temporaryFolder('nx-cdk-test-');
    ({ path } = folder);
    writeFileSync(join(path, 'content'), 'x');
    expect(statSync(path).mode & 0o077).toBe(0);
  }
  expect(existsSync(path)).toBe(false);
});
