import { parseOptions, UsageError } from './options.ts';

const usual = { runs: 1, only: [], json: undefined };

test('without options, the usual comparison: 40 stacks, 100 ms, one run, no memory', () => {
  const stacks = { comparison: 'stacks', stacks: 40, delay: 100, memory: false, memoryStacks: 1000 };
  expect(parseOptions([])).toMatchObject({ ...stacks, ...usual });
});

test('each comparison has defaults of its own', () => {
  const assets = { comparison: 'assets', assets: 200, targets: 10, delay: 50 };
  expect(parseOptions(['--comparison=assets'])).toMatchObject({ ...assets, ...usual });
  const images = { comparison: 'images', targets: 20, megabytes: [5], delay: 0 };
  expect(parseOptions(['--comparison', 'images'])).toMatchObject({ ...images, ...usual });
  expect(parseOptions(['--comparison=projects'])).toMatchObject({ comparison: 'projects', apps: 20, runs: 15 });
});

test('options are as Nx hands them on', () => {
  expect(parseOptions(['--runs=3', '--stacks=4', '--delay=0', '--only=cdk-assets,10', '--memory'])).toMatchObject({
    runs: 3,
    stacks: 4,
    delay: 0,
    only: ['cdk-assets', '10'],
    memory: true,
  });
  expect(parseOptions(['--comparison=images', '--megabytes=0.2,20', '--targets=4'])).toMatchObject({
    megabytes: [0.2, 20],
    targets: 4,
  });
});

test('help measures nothing', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
  expect(parseOptions(['--comparison=assets', '--help'])).toBeUndefined();
});

test.each([
  [['--runs=0'], '--runs must be a whole number of at least 1, but is "0".'],
  [['--delay=fast'], '--delay must be a whole number of at least 0, but is "fast".'],
  [['--stack=4'], "Unknown option '--stack'"],
  [
    ['--comparison=lambdas'],
    '--comparison must be stacks, assets, images, examples, projects, dev, pages, but is "lambdas".',
  ],
  [['--comparison=assets', '--stacks=4'], "Unknown option '--stacks'"],
  [
    ['--comparison=images', '--megabytes=5,big'],
    '--megabytes must be numbers above 0, separated by commas, but is "5,big".',
  ],
])('%s is refused', (args, message) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
  expect(() => parseOptions(args)).toThrow(message);
});
