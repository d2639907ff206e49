import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** How many small stacks are deployed, spread over the accounts. */
  readonly stacks: number;
  /** Added to every request, in milliseconds. */
  readonly delay: number;
  /** How often everything is measured. */
  readonly runs: number;
  /** Contenders to measure, by a part of their name; empty for all. This workspace is always one of them. */
  readonly only: readonly string[];
  /** Measure the memory of a deployment of 1,000 stacks too. */
  readonly memory: boolean;
  /** How many stacks that is. */
  readonly memoryStacks: number;
  /** File to write all measurements to. */
  readonly json?: string;
}

/** A mistake on the command line, in one sentence. */
export class UsageError extends Error {}

export const USAGE = `Usage: nx bench bench [options]
  --stacks=<number>        small stacks, spread over two accounts (default 40)
  --delay=<milliseconds>   added to every request (default 100)
  --runs=<number>          repetitions; with more than one: medians and spreads (default 1)
  --only=<text>,<text>     only contenders whose name contains one of these, beside this workspace
  --memory                 also measure the memory of a deployment of 1,000 stacks (some minutes)
  --memory-stacks=<number> how many stacks that is (default 1000)
  --json=<file>            write all measurements to a file`;

/**
 * Reads the command line.
 *
 * @returns undefined where help was asked for
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        stacks: { type: 'string', default: '40' },
        delay: { type: 'string', default: '100' },
        runs: { type: 'string', default: '1' },
        only: { type: 'string', multiple: true, default: [] },
        memory: { type: 'boolean', default: false },
        'memory-stacks': { type: 'string', default: '1000' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
  if (values.help) return undefined;
  return {
    stacks: wholeNumber('stacks', values.stacks, 1),
    delay: wholeNumber('delay', values.delay, 0),
    runs: wholeNumber('runs', values.runs, 1),
    only: values.only.flatMap((names) => names.split(',')).filter(Boolean),
    memory: values.memory,
    memoryStacks: wholeNumber('memory-stacks', values['memory-stacks'], 1),
    json: values.json,
  };
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new UsageError(`--${name} must be a whole number of at least ${least}, but is "${text}".`);
  return number;
}
