import { PassThrough } from 'node:stream';
import { askToDelete } from './confirm.ts';

const stacks = [
  {
    id: 'staging/Data',
    stackName: 'staging-Data',
    account: '111111111111',
    region: 'eu-west-1',
    status: 'CREATE_COMPLETE',
  },
  { id: 'prod/Data', stackName: 'prod-Data', account: '222222222222', region: 'us-east-1', status: 'UPDATE_COMPLETE' },
];

function conversation(options: { input?: boolean; output?: boolean; answer?: string; signal?: AbortSignal } = {}) {
  const output = Object.assign(new PassThrough(), { isTTY: options.output ?? true });
  const input = Object.assign(new PassThrough(), { isTTY: options.input ?? true });
  if (options.answer !== undefined) setImmediate(() => input.write(`${options.answer}\n`));
  return { input, output, env: {}, ...(options.signal && { signal: options.signal }) };
}

describe('asking before stacks are deleted', () => {
  test('lists them with account, region and status, and asks', async () => {
    const talk = conversation({ answer: 'y' });
    await expect(askToDelete(stacks, talk)).resolves.toBe(true);
    const shown = String(talk.output.read());
    expect(shown).toContain('staging/Data (staging-Data, 111111111111/eu-west-1, CREATE_COMPLETE)');
    expect(shown).toContain('Delete 2 stacks in 111111111111/eu-west-1, 222222222222/us-east-1? y/N');
  });

  test.each([
    ['YES', true],
    ['', false],
    ['n', false],
    ['yes please', false],
  ])('takes "%s" for %s', async (answer, meant) => {
    await expect(askToDelete(stacks, conversation({ answer }))).resolves.toBe(meant);
  });

  test('takes an interruption for no', async () => {
    const controller = new AbortController();
    const asked = askToDelete(stacks, conversation({ signal: controller.signal }));
    setImmediate(() => controller.abort());
    await expect(asked).resolves.toBe(false);
  });

  test('takes the end of the input for no', async () => {
    const talk = conversation();
    setImmediate(() => talk.input.end());
    await expect(askToDelete(stacks, talk)).resolves.toBe(false);
  });

  test.each([{ input: false }, { output: false }])('refuses where there is no terminal: %p', async (options) => {
    await expect(askToDelete(stacks, conversation(options))).rejects.toThrow(
      'There is no terminal to ask on, so nothing was deleted: add --force to delete staging/Data, prod/Data.',
    );
  });
});
