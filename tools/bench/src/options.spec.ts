import { parseOptions, UsageError } from './options.ts';

test('without options, the usual comparison: 40 stacks, 100 ms, one run, no memory', () => {
  expect(parseOptions([])).toEqual({
    stacks: 40,
    delay: 100,
    runs: 1,
    only: [],
    memory: false,
    memoryStacks: 1000,
    json: undefined,
  });
});

test('options are as Nx hands them on', () => {
  expect(parseOptions(['--runs=3', '--stacks=4', '--delay=0', '--only=cdk-assets,10', '--memory'])).toMatchObject({
    runs: 3,
    stacks: 4,
    delay: 0,
    only: ['cdk-assets', '10'],
    memory: true,
  });
});

test('help measures nothing', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
});

test.each([
  ['--runs=0', '--runs must be a whole number of at least 1, but is "0".'],
  ['--delay=fast', '--delay must be a whole number of at least 0, but is "fast".'],
  ['--stack=4', "Unknown option '--stack'"],
])('%s is refused', (argument, message) => {
  expect(() => parseOptions([argument])).toThrow(UsageError);
  expect(() => parseOptions([argument])).toThrow(message);
});
