import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outsideOfNx, runAttached } from '@nx-cdk/processes';
import type { Assembly } from '../assembly/index.ts';
import { environmentForPrograms } from '../aws/index.ts';
import type { CdkJson } from '../cdk-json/index.ts';
import { Failure } from '../failure/index.ts';
import { type Allowable, requireAllowed } from '../publish/index.ts';
import type { CommandLine } from './command-line.ts';
import type { StockCli } from './find-cli.ts';
import { touchedStacks } from './touched-stacks.ts';

/** A run of the CDK CLI. */
export interface CliRequest {
  readonly cli: StockCli;
  readonly line: CommandLine;
  /** Folder of the `cdk.json`: the CLI works there. */
  readonly projectRoot: string;
  readonly config: CdkJson;
  /** Whether the profile that the `cdk.json` names is the one of our commands too. @default true */
  readonly useProfile?: boolean;
  /** @default - the command takes none */
  readonly assembly?: Assembly;
  /** What assets may ask for besides their own files. @default [] */
  readonly allow?: readonly Allowable[];
  /** Ids of stacks that want to be asked about, with the environment that says so. @default - none is changed */
  readonly guarded?: ReadonlyMap<string, string>;
  /** Ids of stacks that have rules (`plan.refuse`), with the rules. @default - none has any */
  readonly ruled?: ReadonlyMap<string, string>;
  /** @default that of this process */
  readonly environment?: NodeJS.ProcessEnv;
}

/** How the run ended. */
export interface CliReport {
  readonly success: boolean;
  readonly command: string;
  /** Version of the CLI. */
  readonly version: string;
  /** Exit code of the CLI; undefined if a signal ended it. */
  readonly exitCode: number | undefined;
}

/**
 * Runs the CDK CLI of a workspace on our terminal, with our assembly, endpoint, certificate authorities and
 * credentials. Roles and targets of the assembly are admitted before (`openScope`); what its assets ask for, and
 * environments that want to be asked, here.
 *
 * @param ask undefined if there is nobody to ask
 * @throws Failure `NotAllowed`, `NotConfirmed`
 */
export async function runCli(
  request: CliRequest,
  ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>,
): Promise<CliReport> {
  const { cli, line, projectRoot, assembly, allow = [], environment = process.env } = request;
  const { command } = line;
  if (line.doing === 'ships' && assembly !== undefined) requireAllowed(assembly, allow);
  const report = { command, version: cli.version };
  if (!(await isConfirmed(request, ask))) return { ...report, success: false, exitCode: undefined };
  const folder = mkdtempSync(join(tmpdir(), 'nx-cdk-cli-'));
  try {
    const env = environmentForPrograms(outsideOfNx(environment), folder);
    const args = [cli.program, ...argumentsOf(request)];
    const { exitCode, stopped } = await runAttached(process.execPath, args, { cwd: projectRoot, env });
    return { ...report, success: exitCode === 0 && !stopped, exitCode };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the CLI is called with. Ours comes first: a list among the given options would swallow it. */
export function argumentsOf({ line, config, useProfile = true, assembly }: CliRequest): readonly string[] {
  if (line.command === '') return line.rest;
  const ofAssembly = assembly && [
    '--app',
    assembly.directory,
    // It is synthesized: what comes before that was done, and has no credentials.
    ...(config.build === undefined ? [] : ['--build=']),
  ];
  const profile = config.profile !== undefined && !useProfile ? ['--profile='] : [];
  return [line.command, ...(ofAssembly ?? []), ...profile, ...line.rest];
}

/** @throws Failure `NotConfirmed` if nobody can be asked */
async function isConfirmed(
  { line, assembly, guarded, ruled = new Map() }: CliRequest,
  ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>,
): Promise<boolean> {
  if (assembly === undefined || guarded === undefined || line.command === 'publish-assets') return true;
  const touched = touchedStacks(assembly.stacks, line);
  const wanting = [...guarded].filter(([id]) => touched.has(id));
  const held = [...ruled].filter(([id]) => touched.has(id));
  if (wanting.length === 0 && held.length === 0) return true;
  const environments = [...new Set(wanting.map(([, name]) => name))].join(', ');
  const rules = [...new Set(held.flatMap(([, names]) => names.split(', ')))].join(', ');
  const reasons = [
    ...(wanting.length === 0 ? [] : [`${environments} wants to be asked (approval)`]),
    ...(held.length === 0 ? [] : [`the workspace has rules (${rules})`]),
  ];
  const why = `${reasons.join(' and ')}, which the CDK CLI does not know`;
  const lines = [...wanting, ...held].map(([id, reason]) => `  ${id} (${reason})`);
  const answer = await ask(`${why}. Run cdk ${line.command}?`, lines);
  if (answer !== undefined) return answer;
  const next = 'run it at a terminal, or nx deploy with an approved plan';
  throw new Failure('NotConfirmed', { what: `${why}. There is no terminal to ask on, so nothing was run`, next });
}
