import { type ProgressEvent, Recorder } from '../progress/index.ts';
import type { DevRun } from './model.ts';
import { liveContentOf } from './page.ts';

let now = 0;
let recorder: Recorder;
beforeEach(() => {
  now = Date.UTC(2026, 10, 28);
  recorder = new Recorder(() => now);
});

function tell(...events: readonly ProgressEvent[]): void {
  for (const event of events) {
    recorder.listener(event);
    now += 1000;
  }
}

/** A deployment of one stack. */
function deployed(id: string, outcome: 'updated' | 'failed'): void {
  tell(
    { type: 'run-started', action: 'deploy', items: 1, subject: `${id} alone` },
    { type: 'item-started', id, label: id },
    { type: 'item-finished', id, outcome, detail: `${id} has ${outcome}`, milliseconds: 1000 },
    { type: 'run-finished', success: outcome !== 'failed', summary: `${id}: 1 ${outcome}`, milliseconds: 2000 },
  );
}

async function shown(goesOn?: true): Promise<{ title: string; body: string }> {
  const about = { format: 1, command: 'dev', project: 'shop', environment: 'dev', success: true } as const;
  const run: DevRun = { ...about, ...(goesOn && { goesOn }), recording: recorder.recording() };
  return liveContentOf(run);
}

/** What is in a section. */
const sectionOf = (body: string, id: string) =>
  new RegExp(`<section id="${id}"([^]*?)</section>`).exec(body)?.[1] ?? '';

test('a session that has done nothing yet is shown', async () => {
  const { title, body } = await shown(true);
  expect(title).toBe('Develop shop in dev: running');
  expect(body).not.toContain('<section');
});

test('what was deployed last is shown as if it were alone, what was before in lines', async () => {
  deployed('Data', 'updated');
  now += 3_600_000;
  deployed('Service', 'updated');
  const { body } = await shown(true);
  const timeline = sectionOf(body, 'timeline');
  expect(timeline).toContain('id="item-0-Service"');
  expect(timeline).not.toContain('Data');
  // Its time does not count from the beginning of the session.
  expect(timeline).toMatch(/1\.0 s: began/);
  const runs = sectionOf(body, 'runs');
  expect(runs.indexOf('Service: 1 updated')).toBeLessThan(runs.indexOf('Data: 1 updated'));
});

test('a failure is shown until a deployment succeeds', async () => {
  deployed('Service', 'failed');
  expect(sectionOf((await shown(true)).body, 'failures')).toContain('Service has failed');
  deployed('Service', 'updated');
  const { body } = await shown(true);
  expect(sectionOf(body, 'failures')).toBe('');
  expect(sectionOf(body, 'runs')).toContain('Service: 1 failed');
});

test('messages are shown from the newest on, with errors', async () => {
  tell({ type: 'message', level: 'info', text: 'a.ts: 1 function swapped' });
  tell({ type: 'message', level: 'error', text: 'b.ts does not compile' });
  const messages = sectionOf((await shown(true)).body, 'messages');
  expect(messages).toContain('<strong>error: </strong>b.ts does not compile');
  expect(messages.indexOf('b.ts')).toBeLessThan(messages.indexOf('a.ts'));
});

test('what is under way is shown as that, and as what it was when the session has ended', async () => {
  tell({ type: 'run-started', action: 'deploy', items: 1, subject: '1 stack' });
  tell({ type: 'item-started', id: 'Data', label: 'Data' });
  expect(sectionOf((await shown(true)).body, 'timeline')).toContain('running');
  const ended = await shown();
  expect(ended.title).toBe('Develop shop in dev: done');
  expect(sectionOf(ended.body, 'timeline')).toContain('not finished');
});
