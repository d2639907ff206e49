import type { ProgressEvent } from '../progress/index.ts';
import { type IoHostOptions, createIoHost } from './open-toolkit.ts';
import { asItemEvent } from './stack-toolkit.ts';

const message = (level: string, text: string, data?: unknown) =>
  ({ level, message: text, data, code: 'CDK_X', time: new Date(), action: 'diff' }) as never;
const question = { code: 'CDK_Q', message: 'Sure?', defaultResponse: false, level: 'info', time: new Date() } as never;

describe('what the CDK toolkit says', () => {
  test('becomes messages of our levels; empty lines are nothing to say', async () => {
    const { host, events } = given();
    for (const level of ['trace', 'debug', 'info', 'warn', 'error']) await host.notify(message(level, `${level}\n`));
    await host.notify(message('info', '  \n'));
    expect(events).toEqual([
      { type: 'message', level: 'debug', text: 'trace' },
      { type: 'message', level: 'debug', text: 'debug' },
      { type: 'message', level: 'info', text: 'info' },
      { type: 'message', level: 'warning', text: 'warn' },
      { type: 'message', level: 'error', text: 'error' },
    ]);
  });

  test.each(['CDK_ASSEMBLY_I1001', 'CDK_ASSEMBLY_E1002'])(
    'of an app is its own words: as they are, whichever output they come from (%s)',
    async (code) => {
      const lines: string[] = [];
      const { host, events } = given({ app: (line) => lines.push(line) });
      for (const text of ['  Compiling', '', 'done'])
        await host.notify({ level: 'error', message: text, code, time: new Date(), action: 'synth' } as never);
      expect(lines).toEqual(['  Compiling', '', 'done']);
      expect(events).toEqual([]);
    },
  );

  test('goes to whoever wants results where it is one, as it is and with its data, and else is information', async () => {
    const results: unknown[] = [];
    const { host, events } = given({ result: (...result) => results.push(result) });
    await host.notify(message('result', '[+] Queue\n', { changes: 1 }));
    expect(results).toEqual([['[+] Queue\n', { changes: 1 }]]);
    expect(events).toEqual([]);

    const plain = given();
    await plain.host.notify(message('result', '[+] Queue'));
    expect(plain.events).toEqual([{ type: 'message', level: 'info', text: '[+] Queue' }]);
  });

  test('is answered as the toolkit would by itself', async () => {
    expect(await given().host.requestResponse(question)).toBe(false);
  });

  test('of a stack is its step; an error is told once, when the stack ends', () => {
    const event = (level: 'info' | 'warning' | 'error', text: string): ProgressEvent => ({
      type: 'message',
      level,
      text,
    });
    expect(asItemEvent(event('info', ' Deploying\nmore'), 'Data')).toEqual({
      type: 'item-progress',
      id: 'Data',
      step: 'Deploying',
    });
    expect(asItemEvent(event('warning', 'careful'), 'Data')).toMatchObject({ level: 'warning', id: 'Data' });
    expect(asItemEvent(event('error', 'broken'), 'Data')).toMatchObject({ level: 'debug', id: 'Data' });
  });
});

function given(options: Partial<IoHostOptions> = {}) {
  const events: ProgressEvent[] = [];
  return { events, host: createIoHost({ listener: (event) => void events.push(event), ...options }) };
}
