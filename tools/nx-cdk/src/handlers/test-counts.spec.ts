import { readFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { cargoTestCounter, goTestCounter, writeCounts } from './test-counts.ts';

describe('go test -json', () => {
  test('is counted as Jest counts: subtests, and not what holds them', () => {
    const { shown, counts } = goTest(
      { Action: 'start', Package: 'shop' },
      { Action: 'run', Package: 'shop', Test: 'TestContract' },
      { Action: 'output', Package: 'shop', Test: 'TestContract/one', Output: '=== RUN TestContract/one\n' },
      { Action: 'pass', Package: 'shop', Test: 'TestContract/one' },
      { Action: 'pass', Package: 'shop', Test: 'TestContract/two' },
      { Action: 'pass', Package: 'shop', Test: 'TestContract' },
      { Action: 'pass', Package: 'shop', Test: 'TestContractElsewhere' },
      { Action: 'skip', Package: 'shop', Test: 'TestSlow' },
      { Action: 'output', Package: 'shop', Output: 'ok  \tshop\t0.01s\n' },
      { Action: 'pass', Package: 'shop' },
    );
    expect(counts(0)).toEqual({ passed: 3, failed: 0 });
    // and what passes says nothing
    expect(shown).toEqual(['ok  \tshop\t0.01s\n']);
  });

  test('shows what a failed test has said', () => {
    const { shown, counts } = goTest(
      { Action: 'output', Package: 'shop', Test: 'TestPrice', Output: 'price is 2 instead of 3\n' },
      { Action: 'fail', Package: 'shop', Test: 'TestPrice' },
      { Action: 'fail', Package: 'shop' },
    );
    expect(counts(1)).toEqual({ passed: 0, failed: 1 });
    expect(shown).toEqual(['price is 2 instead of 3\n']);
  });

  test('that does not compile counts as a failed test, and says why', () => {
    const { shown, counts } = goTest(
      { Action: 'build-output', ImportPath: 'shop', Output: 'undefined: x\n' },
      'exit status 1',
    );
    expect(counts(1)).toEqual({ passed: 0, failed: 1 });
    expect(shown).toEqual(['undefined: x\n', 'exit status 1\n']);
  });

  function goTest(...lines: readonly (object | string)[]) {
    const shown: string[] = [];
    const { read, counts } = goTestCounter((text) => shown.push(text));
    for (const line of lines) read(typeof line === 'string' ? line : JSON.stringify(line));
    return { shown, counts };
  }
});

describe('cargo test', () => {
  test('is counted by the last line of each of its programs, and shown as it is', () => {
    const { shown, counts } = cargoTest(
      'test tests::answers ... ok',
      'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s',
      'test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s',
    );
    expect(counts(101)).toEqual({ passed: 4, failed: 2 });
    expect(shown).toHaveLength(3);
  });

  test('that does not compile counts as a failed test', () => {
    expect(cargoTest().counts(101)).toEqual({ passed: 0, failed: 1 });
  });

  function cargoTest(...lines: readonly string[]) {
    const shown: string[] = [];
    const { read, counts } = cargoTestCounter((text) => shown.push(text));
    for (const line of lines) read(line);
    return { shown, counts };
  }
});

describe('counts', () => {
  let workspace: TemporaryWorkspace;
  beforeEach(() => (workspace = temporaryWorkspace()));
  afterEach(() => workspace.dispose());

  test('are left where npm test looks for those of Jest', async () => {
    await writeCounts(workspace.path('libs/handlers/quote'), { passed: 2, failed: 1 });
    const file = workspace.path('libs/handlers/quote/test-results/unit.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ passed: 2, failed: 1 });
  });
});
