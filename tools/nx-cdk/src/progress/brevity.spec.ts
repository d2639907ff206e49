import { Brevity } from './brevity.ts';
import type { ItemFinished } from './events.ts';

const REFUSED = 'arn:aws:iam::333333333333:root may not sts:AssumeRole cdk-hnb659fds-deploy-role.';

const failed = (id: string, detail: string): ItemFinished => ({
  type: 'item-finished',
  id,
  outcome: 'failed',
  detail,
  milliseconds: 1,
});
const unchanged = (id: string): ItemFinished => ({ type: 'item-finished', id, outcome: 'unchanged', milliseconds: 1 });

describe('what people have read already', () => {
  test('the same reason is written once, then referred to', () => {
    const brevity = new Brevity(false);

    const shown = ['Data', 'Service'].map((label) => brevity.shorten(failed(label, REFUSED), label, 2)?.detail);

    expect(shown).toEqual([REFUSED, 'for the same reason as Data']);
  });

  test('different reasons, and short ones, are always written', () => {
    const brevity = new Brevity(false);

    expect(brevity.shorten(failed('a', `${REFUSED} 1`), 'a', 4)?.detail).toBe(`${REFUSED} 1`);
    expect(brevity.shorten(failed('b', `${REFUSED} 2`), 'b', 4)?.detail).toBe(`${REFUSED} 2`);
    expect(brevity.shorten(failed('c', 'cancelled'), 'c', 4)?.detail).toBe('cancelled');
    expect(brevity.shorten(failed('d', 'cancelled'), 'd', 4)?.detail).toBe('cancelled');
  });

  test('a later run says everything again', () => {
    const brevity = new Brevity(false);
    brevity.shorten(failed('a', REFUSED), 'a', 1);

    brevity.reset();

    expect(brevity.shorten(failed('a', REFUSED), 'a', 1)?.detail).toBe(REFUSED);
  });

  test('unchanged items are named in a small run and only counted in a large one', () => {
    const brevity = new Brevity(false);

    expect(brevity.shorten(unchanged('a'), 'a', 4)).toEqual(unchanged('a'));
    expect(brevity.shorten(unchanged('a'), 'a', 400)).toBeUndefined();
  });

  test('with --verbose nothing is left out', () => {
    const brevity = new Brevity(true);
    brevity.shorten(failed('a', REFUSED), 'a', 400);

    expect(brevity.shorten(failed('b', REFUSED), 'b', 400)?.detail).toBe(REFUSED);
    expect(brevity.shorten(unchanged('c'), 'c', 400)).toEqual(unchanged('c'));
  });
});
