import { setImmediate } from 'node:timers/promises';
import { ByteBudget } from './byte-budget.ts';

describe('a byte budget', () => {
  test('lets nobody hold more than there is, and serves in order', async () => {
    // given
    const budget = new ByteBudget(10);
    const served: string[] = [];
    const take = (name: string, bytes: number) =>
      budget.take(bytes).then((room) => {
        served.push(name);
        return room;
      });

    // when
    const first = await take('first', 6);
    const large = take('large', 6);
    const small = take('small', 1);
    await setImmediate();

    // then the small one waits behind the large one, which would starve otherwise
    expect(served).toEqual(['first']);
    first[Symbol.dispose]();
    await Promise.all([large, small]);
    expect(served).toEqual(['first', 'large', 'small']);
  });

  test('gives all it has to whoever asks for more, and takes nothing back twice', async () => {
    // given
    const budget = new ByteBudget(10);
    const room = await budget.take(1000);
    let entered = 0;
    const waiting = [budget.take(6), budget.take(6)].map((taken) => taken.then(() => (entered += 1)));

    // when
    room[Symbol.dispose]();
    room[Symbol.dispose]();
    await setImmediate();

    // then
    expect(entered).toBe(1);
    expect(waiting).toHaveLength(2);
  });
});
