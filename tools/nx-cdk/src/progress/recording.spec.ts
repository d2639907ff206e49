import type { ProgressEvent } from './events.ts';
import { Recorder } from './recording.ts';
import { MASK, registerSecret } from './redact.ts';

let time: number;
let recorder: Recorder;
beforeEach(() => {
  time = Date.UTC(2026, 10, 28);
  recorder = new Recorder(() => time);
});

/** Tells events, each after some milliseconds. */
function tell(...events: readonly (readonly [number, ProgressEvent])[]): void {
  for (const [after, event] of events) {
    time += after;
    recorder.listener(event);
  }
}

const started: ProgressEvent = {
  type: 'run-started',
  action: 'deploy',
  items: 2,
  subject: '2 stacks in 1 target',
  order: [
    { id: 'Data', after: [] },
    { id: 'Api', after: ['Data'] },
  ],
};
const call = { service: 'cloudformation', action: 'DescribeStacks', role: 'deploy', target: '111111111111/eu-west-1' };

test('given a run, then it is kept with its order, items, steps and times', () => {
  // when
  tell(
    [10, started],
    [5, { type: 'item-started', id: 'Data', label: 'Data', where: '111111111111/eu-west-1' }],
    [20, { type: 'item-progress', id: 'Data', step: 'creating', milestone: true }],
    [1, { type: 'item-progress', id: 'Data', step: 'AWS::SQS::Queue Queue CREATE_IN_PROGRESS', done: 0, total: 1 }],
    [100, { type: 'item-finished', id: 'Data', outcome: 'created', detail: '1 added', milliseconds: 121 }],
    [0, { type: 'item-finished', id: 'Api', outcome: 'skipped', milliseconds: 0 }],
    [4, { type: 'run-finished', success: false, summary: '2 stacks: 1 created, 1 skipped', milliseconds: 130 }],
  );

  // then
  const { runs, ...about } = recorder.recording();
  expect(about).toMatchObject({ startedAt: '2026-11-28T00:00:00.000Z', milliseconds: 140 });
  expect(runs).toEqual([
    {
      action: 'deploy',
      subject: '2 stacks in 1 target',
      startedAt: 10,
      order: [
        { id: 'Data', after: [] },
        { id: 'Api', after: ['Data'] },
      ],
      success: false,
      summary: '2 stacks: 1 created, 1 skipped',
      milliseconds: 130,
      items: [
        {
          id: 'Data',
          label: 'Data',
          where: '111111111111/eu-west-1',
          startedAt: 15,
          milliseconds: 121,
          outcome: 'created',
          detail: '1 added',
          steps: [{ at: 35, text: 'creating' }],
        },
        { id: 'Api', label: 'Api', steps: [], outcome: 'skipped', milliseconds: 0 },
      ],
    },
  ]);
});

test('given parts of an item that are told after its end, then their times count from the start of the command', () => {
  // when what took 1 s began 1.2 s ago
  const part = { name: 'Queue', kind: 'AWS::SQS::Queue', startedAt: 100, milliseconds: 900, status: 'CREATE_COMPLETE' };
  tell(
    [0, started],
    [50, { type: 'item-started', id: 'Data', label: 'Data' }],
    [1300, { type: 'item-finished', id: 'Data', outcome: 'created', milliseconds: 1300 }],
    [100, { type: 'item-parts', id: 'Data', since: 1200, parts: [part] }],
  );

  // then
  expect(recorder.recording().runs[0]?.items[0]?.parts).toEqual([{ ...part, startedAt: 350 }]);
});

test('given requests, then they are counted by kind and role, and those that were tried again are kept', () => {
  // when
  tell(
    [1, { type: 'aws-call', ...call, milliseconds: 30, attempts: 1 }],
    [1, { type: 'aws-call', ...call, milliseconds: 900, attempts: 3 }],
    [1, { type: 'aws-call', ...call, milliseconds: 10, attempts: 1, error: 'ValidationError' }],
    [1, { type: 'aws-call', ...call, role: 'caller', milliseconds: 10, attempts: 1 }],
  );

  // then
  const { calls, retried } = recorder.recording();
  expect(calls).toEqual([
    { ...call, count: 3, milliseconds: 940, retries: 2, errors: 1 },
    { ...call, role: 'caller', count: 1, milliseconds: 10, retries: 0, errors: 0 },
  ]);
  const { service, action, target } = call;
  expect(retried).toEqual([{ service, action, target, at: 2, attempts: 3, milliseconds: 900 }]);
});

test('given a secret that becomes known after it was told, then it is masked, and words of ours are not', () => {
  // when
  tell([0, { type: 'message', level: 'warning', text: 'the password is swordfish' }]);
  registerSecret('swordfish');
  registerSecret('warning');

  // then
  const [message] = recorder.recording().messages;
  expect(message).toEqual({ at: 0, level: 'warning', text: `the password is ${MASK}` });
});

test('given what a program printed in colours, then it is kept without their codes', () => {
  tell([0, { type: 'message', level: 'info', text: '\u001b[7m\u001b[32m NX \u001b[39m\u001b[27m done' }]);
  expect(recorder.recording().messages[0]?.text).toBe(' NX  done');
});

test('given more messages than a page can hold, then the last ones are kept, and none that is for debugging', () => {
  // when
  for (let index = 0; index < 1000; index += 1) tell([1, { type: 'message', level: 'info', text: `${index}` }]);
  tell([1, { type: 'message', level: 'debug', text: 'trace' }]);

  // then
  const { messages } = recorder.recording();
  expect(messages).toHaveLength(500);
  expect(messages.at(-1)?.text).toBe('999');
});

test('of a command without an end, the last runs are kept', () => {
  const recorder = new Recorder();
  for (let number = 1; number <= 60; number += 1) {
    recorder.listener({ type: 'run-started', action: 'deploy', items: 1, subject: `run ${number}` });
    recorder.listener({ type: 'item-started', id: 'Data', label: 'Data' });
  }
  const { runs } = recorder.recording();
  expect(runs).toHaveLength(50);
  expect(runs.at(-1)).toMatchObject({ subject: 'run 60', items: [{ id: 'Data' }] });
});
