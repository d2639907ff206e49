import type { ProgressEvent } from '../progress/index.ts';
import { concurrencyPerTarget, requireLimits } from './limits.ts';

test.each([
  'concurrency',
  'concurrencyPerTarget',
  'uploadConcurrency',
  'zipConcurrency',
  'buildConcurrency',
  'parallel',
])('--%s has to let something happen', (option) => {
  for (const value of [0, -1, 1.5, Number.NaN]) {
    expect(() => requireLimits({ [option]: value })).toThrow(
      expect.objectContaining({
        code: 'BadConcurrency',
        message: `--${option} is ${value}: it has to be a whole number of at least 1.`,
      }),
    );
  }
  expect(() => requireLimits({ [option]: 1 })).not.toThrow();
  expect(() => requireLimits({ [option]: undefined })).not.toThrow();
});

test('other numbers may be zero', () => {
  expect(() => requireLimits({ contextLines: 0 })).not.toThrow();
});

describe('the limit for one target', () => {
  const events: ProgressEvent[] = [];
  const listener = (event: ProgressEvent) => void events.push(event);
  beforeEach(() => void events.splice(0));

  test('has a name, of which there is nothing to say', () => {
    expect(concurrencyPerTarget({ concurrencyPerTarget: 3 }, listener)).toBe(3);
    expect(concurrencyPerTarget({}, listener)).toBeUndefined();
    expect(events).toEqual([]);
  });

  test('has a former name, which works beside the default of the new one and is answered with it once', () => {
    expect(concurrencyPerTarget({ concurrencyPerTarget: 10, concurrencyPerEnvironment: 2 }, listener)).toBe(2);
    const text = '--concurrencyPerEnvironment is called --concurrencyPerTarget now: use that name.';
    expect(events).toEqual([{ type: 'message', level: 'warning', text }]);
  });
});
