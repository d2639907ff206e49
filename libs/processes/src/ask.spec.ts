import { ask } from './ask.ts';

const env = { PATH: process.env['PATH'] };
const sh = (script: string, timeout?: number) => ask('sh', ['-c', script], { env, timeout });

describe('asking a program', () => {
  test('gets what it says on standard output', async () => {
    expect(await sh('echo complaint >&2; echo " 1.2.3"; echo')).toEqual({ started: true, answer: '1.2.3' });
  });

  test('gets no answer of one that fails, is not there or takes too long, and never waits for input', async () => {
    expect(await sh('echo 1.2.3; exit 3')).toEqual({ started: true });
    expect(await ask('no-such-program', [], { env })).toEqual({ started: false });
    expect(await sh('exec sleep 600', 50)).toEqual({ started: true });
    expect(await sh('cat; echo read')).toEqual({ started: true, answer: 'read' });
  });
});
