import { ratio, spreadOf } from './statistics.ts';

describe('several measurements', () => {
  test('have a median, a least and a most, in whatever order they came', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, count: 3 });
    expect(spreadOf([4, 1])).toEqual({ median: 2.5, least: 1, most: 4, count: 2 });
  });

  test('none is no result', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  test('are compared by their medians, and by our slowest against the fastest of the other', () => {
    expect(ratio(spreadOf([1, 2, 4]), spreadOf([3, 6, 9]))).toEqual({ median: 3, atLeast: 0.75 });
  });
});
