import type { ProcessResult } from './process.ts';
import type { ScratchWorkspace, StepEnvironment } from './scratch-workspace.ts';

/** What the suite reads of the report of a deploy. */
export interface DeployReport {
  readonly success: boolean;
  readonly stacks: readonly {
    readonly id: string;
    readonly stackName: string;
    readonly account: string;
    readonly region: string;
    readonly outcome: string;
    readonly outputs: Readonly<Record<string, string>>;
    readonly failure?: { readonly code: string; readonly message: string };
  }[];
}

/** What the suite reads of the report of a publish. */
export interface PublishReport {
  readonly success: boolean;
  readonly totals: Readonly<Record<'destinations' | 'uploaded' | 'unchanged' | 'failed', number>>;
  readonly destinations: readonly {
    readonly kind: 'file' | 'image';
    /** Of a file. */
    readonly bucket?: string;
    readonly key?: string;
    /** Of an image. */
    readonly repository?: string;
    readonly tag?: string;
    readonly account: string;
    readonly region: string;
    readonly outcome: string;
    readonly detail?: string;
    readonly digest?: string;
    readonly obtained?: 'built' | 'copied';
    readonly failure?: { readonly code: string; readonly message: string };
  }[];
}

/** Runs a target that has to succeed and reads the report that it wrote. @throws UnexpectedExit if it fails */
export async function reportOf<Report>(
  workspace: ScratchWorkspace,
  args: readonly string[],
  environment: StepEnvironment,
): Promise<{ readonly report: Report; readonly result: ProcessResult }> {
  const file = `tmp/report-${Math.random().toString(36).slice(2)}.json`;
  const result = await workspace.nx([...args, `--report=${file}`], environment);
  return { report: await workspace.readJson<Report>(file), result };
}

/** Outcome by stack id. */
export function outcomes(report: DeployReport): Record<string, string> {
  return Object.fromEntries(report.stacks.map(({ id, outcome }) => [id, outcome]));
}

/** Accounts and regions that the stacks went to, by stack id. */
export function places(report: DeployReport): Record<string, string> {
  return Object.fromEntries(report.stacks.map(({ id, account, region }) => [id, `${account}/${region}`]));
}

/** The progress events of a run with `--json`. */
export function eventsOf({
  stdout,
}: ProcessResult): { readonly type: string; readonly id?: string; readonly outcome?: string }[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as { type: string });
}
