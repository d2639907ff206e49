import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How many tests passed and failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Reads the lines of a test runner, shows the part that is for people, and counts. */
export interface TestCounter {
  readonly read: (line: string) => void;
  /** @param code exit code of the runner; if no test failed, but the runner did, that counts as one failed test */
  readonly counts: (code: number) => Counts;
}

/** Writes counts to the folder that jest.results-reporter.mjs uses for Jest; Nx keeps and restores it with the run. */
export async function writeCounts(projectRoot: string, counts: Counts): Promise<void> {
  const folder = join(projectRoot, 'test-results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'unit.json'), `${JSON.stringify(counts)}\n`);
}

/** An event of `go test -json`: `go doc test2json`. */
interface GoEvent {
  readonly Action?: string;
  readonly Package?: string;
  readonly Test?: string;
  readonly Output?: string;
}

/** For `go test -json`. Of a test with subtests, only the subtests are counted, as Jest counts a `describe`. */
export function goTestCounter(show: (text: string) => void): TestCounter {
  const results = new Map<string, 'pass' | 'fail'>();
  const said = new Map<string, string>();
  return {
    read: (line) => {
      const { Action, Package = '', Test, Output = '' } = parse(line);
      const name = `${Package} ${Test}`;
      if (Action === undefined) return show(`${line}\n`);
      if (Action === 'build-output' || (Action === 'output' && Test === undefined)) return show(Output);
      if (Test === undefined) return;
      if (Action === 'output') said.set(name, (said.get(name) ?? '') + Output);
      if (Action !== 'pass' && Action !== 'fail') return;
      results.set(name, Action);
      if (Action === 'fail') show(said.get(name) ?? '');
      said.delete(name);
    },
    counts: (code) => {
      const names = [...results.keys()];
      const own = names.filter((name) => !names.some((other) => other.startsWith(`${name}/`)));
      const passed = own.filter((name) => results.get(name) === 'pass').length;
      return withExitCode({ passed, failed: own.length - passed }, code);
    },
  };
}

function parse(line: string): GoEvent {
  try {
    return JSON.parse(line) as GoEvent;
  } catch {
    return {};
  }
}

/** For `cargo test`, whose test programs end with lines such as `test result: ok. 3 passed; 0 failed; 1 ignored`. */
export function cargoTestCounter(show: (text: string) => void): TestCounter {
  let passed = 0;
  let failed = 0;
  return {
    read: (line) => {
      show(`${line}\n`);
      const result = /^test result: \w+\. (\d+) passed; (\d+) failed;/.exec(line);
      passed += Number(result?.[1] ?? 0);
      failed += Number(result?.[2] ?? 0);
    },
    counts: (code) => withExitCode({ passed, failed }, code),
  };
}

function withExitCode(counts: Counts, code: number): Counts {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
