import { bytes, duration } from './format.ts';
import { Scale } from './scale.ts';

const linesOf = (milliseconds: number) => new Scale(milliseconds).lines().map(({ text }) => text);

test.each([
  [2100, ['0 s', '0.5 s', '1 s', '1.5 s', '2 s']],
  [45_000, ['0 s', '10 s', '20 s', '30 s', '40 s']],
  [150_000, ['0 s', '30 s', '1 min', '1 min 30 s', '2 min', '2 min 30 s']],
  [3 * 3_600_000, ['0 s', '30 min', '1 h', '1 h 30 min', '2 h', '2 h 30 min', '3 h']],
])('a ruler of %i ms has round times', (milliseconds, lines) => {
  expect(linesOf(milliseconds)).toEqual(lines);
});

test('a ruler has few lines, however long or short a run was', () => {
  for (const milliseconds of [0, 1, 30, 7777, 90_000_000, 1e12]) {
    expect(linesOf(milliseconds).length).toBeLessThanOrEqual(101);
  }
});

test('moments and stretches are in percent, and stay in the chart', () => {
  const scale = new Scale(8000);
  expect(scale.at(2000)).toBe(25);
  expect(scale.stretch(1000, 3000)).toEqual([12.5, 25]);
  expect(scale.stretch(7000, 9000)).toEqual([87.5, 12.5]);
  expect(scale.at(-5)).toBe(0);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [256_000_000, '256 MB'],
  [5_400_000_000_000, '5400 GB'],
])('%i bytes are %s', (number, text) => {
  expect(bytes(number)).toBe(text);
});

test.each([
  [-3, '0 ms'],
  [43.4, '43 ms'],
  [1234, '1.2 s'],
  [125_000, '2 min 5 s'],
])('%d ms are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});
