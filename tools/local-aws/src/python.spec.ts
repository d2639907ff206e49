import { findPython, isNewEnough, type Python } from './python.ts';

const python = (version: string): Python => ({
  executable: `/opt/python-${version}`,
  version,
  hasEnsurePip: true,
  hasVenv: true,
  hasPip: true,
});

/** A machine on which these commands are Pythons of these versions, and no other command exists. */
const machineWith = (versions: Record<string, string>) => async (command: string) =>
  versions[command] === undefined ? undefined : python(versions[command]);

describe('finding a Python', () => {
  test('takes python3 where it is new enough', async () => {
    const found = await findPython({}, machineWith({ python3: '3.10.0', 'python3.13': '3.13.1' }));

    expect(found.version).toBe('3.10.0');
  });

  test('passes over one that is too old, and over commands that stand for nothing', async () => {
    const found = await findPython({}, machineWith({ python3: '3.9.18', 'python3.11': '3.11.7' }));

    expect(found.version).toBe('3.11.7');
  });

  test('LOCAL_AWS_PYTHON wins, and is not replaced by another when it does not run', async () => {
    const machine = machineWith({ python3: '3.12.1', '/my/python': '3.11.0' });

    expect((await findPython({ LOCAL_AWS_PYTHON: '/my/python' }, machine)).version).toBe('3.11.0');
    await expect(findPython({ LOCAL_AWS_PYTHON: '/nowhere' }, machine)).rejects.toMatchObject({
      code: 'NoPython',
      message: expect.stringContaining('LOCAL_AWS_PYTHON names "/nowhere"'),
    });
  });

  test('says what it needs, what it found, and how to go on', async () => {
    const message = await findPython({}, machineWith({ python3: '3.8.10' })).then(
      String,
      (error: Error) => error.message,
    );

    expect(message).toContain('Python 3.10 or newer');
    expect(message).toContain('python3 is 3.8.10');
    expect(message).toContain('LOCAL_AWS_PYTHON=');
  });

  test.each([
    ['3.10.0', true],
    ['3.9.18', false],
    ['2.7.18', false],
    ['3.100.0', true],
    ['4.0.0', true],
  ])('%s is new enough: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });
});
