import { existsSync, realpathSync } from 'node:fs';
import { run } from '@nx-cdk/processes';
import type { AssemblyStack } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Finding } from './finding.ts';
import { failed, readGuardOutput } from './guard-output.ts';

/** How many templates one call gets: a command line has an end. */
const AT_ONCE = 200;

/** What `cfn-guard validate` ends with: all rules hold, or some do not. */
const ENDS = [0, 19];

/** Of the environment, what a program needs that reads files. It gets no credentials. */
const NEEDED = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

/** A check of templates. */
export interface GuardRequest {
  readonly stacks: readonly AssemblyStack[];
  /** Absolute paths of rules files, and of folders with them. */
  readonly rules: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Checks templates against rules of AWS CloudFormation Guard, with the program `cfn-guard` of this machine. It gets the
 * templates of the stacks and of those nested in them, as data.
 *
 * @returns undefined if the program is not installed
 * @throws Failure `BadOption` if a rules file or folder is not there; `GuardFailed` if the program fails, or leaves a
 * template out
 */
export async function guardFindings({ stacks, rules, env, signal }: GuardRequest): Promise<Finding[] | undefined> {
  for (const path of rules) {
    if (existsSync(path)) continue;
    const next = 'name a file, or a folder of files that end in .guard, relative to the workspace';
    throw new Failure('BadOption', { what: `--rules names ${path}, which is not there`, next });
  }
  const templates = templatesOf(stacks);
  const files = [...templates.keys()];
  const findings: Finding[] = [];
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const some = files.slice(first, first + AT_ONCE);
    const args = ['validate', '--structured', '--output-format', 'json', '--show-summary', 'none'];
    args.push(...rules.flatMap((path) => ['--rules', path]), ...some.flatMap((path) => ['--data', path]));
    const own = Object.fromEntries(NEEDED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
    const { started, code, stdout, stderr, failure } = await run('cfn-guard', args, { env: own, signal });
    if (!started && failure === 'is not installed') return undefined;
    if (!ENDS.includes(code)) throw failed(`it ended with ${failure}: ${lastOf(stderr)}`);
    findings.push(...readGuardOutput(stdout, new Map(some.map((file) => [file, templates.get(file)!]))));
  }
  return findings;
}

/** The stack of each template, by its real path, which is how the program names it. */
function templatesOf(stacks: readonly AssemblyStack[]): Map<string, AssemblyStack> {
  const templates = new Map<string, AssemblyStack>();
  for (const stack of stacks) {
    const nested = stack.files.flatMap(({ source: { path } }) => (path?.endsWith('.nested.template.json') ? path : []));
    // Stacks with equal templates may share one.
    for (const file of [stack.templateFile, ...nested]) {
      const real = realpathSync(file);
      if (!templates.has(real)) templates.set(real, stack);
    }
  }
  return templates;
}

/** The program's last words, of which the earlier ones may show templates. */
function lastOf(stderr: string): string {
  return stderr.trim().split('\n').at(-1)?.slice(0, 300) || 'it does not say why';
}
