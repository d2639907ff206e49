import { PassThrough } from 'node:stream';
import { askForApproval } from './approval.ts';

/** A terminal on which somebody types. */
function terminal(typed?: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  if (typed !== undefined) setImmediate(() => (typed === '' ? input.end() : input.write(typed)));
  return { input, output, env: {} };
}

test.each(['y\n', 'Yes\n'])('%j approves', async (typed) => {
  const conversation = terminal(typed);
  await askForApproval('Prod/Approve', 'Look at staging first', conversation);

  const shown = conversation.output.read().toString();
  expect(shown).toContain('Look at staging first');
  expect(shown).toContain('Approve Prod/Approve? y/N ');
});

test.each(['n\n', '\n', ''])('%j does not', async (typed) => {
  await expect(askForApproval('Prod/Approve', undefined, terminal(typed))).rejects.toThrow(
    'The action Prod/Approve was not approved.',
  );
});

test('Ctrl-C does not', async () => {
  const stop = new AbortController();
  const asked = askForApproval('Prod/Approve', undefined, { ...terminal(), signal: stop.signal });
  stop.abort();
  await expect(asked).rejects.toMatchObject({ code: 'NotApproved' });
});

test('without a terminal, the sentence names the flag', async () => {
  const conversation = { input: new PassThrough(), output: new PassThrough() };
  await expect(askForApproval('Prod/Approve', undefined, conversation)).rejects.toThrow(/add --approve to approve it/);
});
