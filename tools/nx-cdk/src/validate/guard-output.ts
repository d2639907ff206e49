import type { AssemblyStack } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Finding } from './finding.ts';

/** What `cfn-guard validate --structured --output-format json` says of one template, as far as it is read. */
interface FileReport {
  readonly name: string;
  readonly not_compliant: readonly unknown[];
  readonly not_applicable: readonly unknown[];
  readonly compliant: readonly unknown[];
}

/** One rule that does not hold for one resource. */
interface Broken {
  readonly rule: string;
  readonly logicalId?: string;
  readonly what: string;
  readonly mend?: string;
}

/**
 * Reads what the program has found. Values of templates, which it shows beside each check, are left out: any may be
 * secret.
 *
 * @param templates the stacks of the templates that it was given, by their paths
 * @throws Failure `GuardFailed` if that is no such output, if a template is missing in it, or if no rule was found:
 * what was not checked must not count as clean
 */
export function readGuardOutput(output: string, templates: ReadonlyMap<string, AssemblyStack>): Finding[] {
  const reports = parse(output);
  const seen = new Set(reports.map(({ name }) => name));
  const missing = [...templates.keys()].find((file) => !seen.has(file));
  if (missing !== undefined) throw failed(`it says nothing of ${missing}`);
  const isEmpty = (one: FileReport) =>
    one.not_compliant.length + one.not_applicable.length + one.compliant.length === 0;
  if (reports.every(isEmpty)) throw failed('there is no rule in what --rules names');
  return reports.flatMap(({ name, not_compliant: rules }) => {
    const stack = templates.get(name);
    const origins = stack?.resources;
    return distinct(rules.flatMap((rule) => brokenIn(rule))).map(({ rule, logicalId, what, mend }): Finding => {
      const { constructPath, source } = (logicalId !== undefined && origins?.get(logicalId)) || {};
      return {
        severity: 'error',
        by: 'cfn-guard',
        rule,
        ...(stack && { stack: stack.id }),
        ...(constructPath ? { constructPath } : logicalId && { logicalId }),
        ...(source && { source }),
        what,
        ...(mend && { mend }),
      };
    });
  });
}

/** @param what a clause about the program */
export function failed(what: string): Failure {
  const next = 'try it by itself (cfn-guard validate --rules ... --data ...); it has to be version 3 or later';
  return new Failure('GuardFailed', { what: `cfn-guard could not check the templates: ${what}`, next });
}

function parse(output: string): FileReport[] {
  let content: unknown;
  try {
    content = JSON.parse(output);
  } catch {
    throw failed('what it wrote is no JSON');
  }
  const isReport = (one: Partial<FileReport> | null) =>
    typeof one?.name === 'string' &&
    [one.not_compliant, one.not_applicable, one.compliant].every((rules) => Array.isArray(rules));
  if (!Array.isArray(content) || !content.every(isReport)) throw failed('what it wrote has another form than expected');
  return content as FileReport[];
}

/** A rule that does not hold: every check in it that fails, however deep. */
function brokenIn(entry: unknown): Broken[] {
  const rule = fieldOf(fieldOf(entry, 'Rule'), 'name');
  const name = typeof rule === 'string' ? rule : 'unnamed';
  const checks = checksIn(entry).map((check): Broken => {
    const { what, mend } = wordsOf(check);
    const [, logicalId] = /\/Resources\/([^/[]+)/.exec(pathIn(check) ?? '') ?? [];
    return { rule: name, ...(logicalId && { logicalId }), what: what || name, ...(mend && { mend }) };
  });
  return checks.length > 0 ? checks : [{ rule: name, what: 'the rule does not hold' }];
}

/** The checks of a rule, in its blocks, alternatives and the rules that it is made of. */
function checksIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const clause = fieldOf(value, 'Clause');
  const check = fieldOf(clause, 'Unary') ?? fieldOf(clause, 'Binary') ?? fieldOf(clause, 'In');
  if (typeof check === 'object' && check !== null) return [check];
  return Object.values(value).flatMap((part) => checksIn(part));
}

/** What the rule says for people, else the check as the rule has it. Both are texts of the rules file. */
function wordsOf(check: object): { readonly what: string; readonly mend?: string } {
  const custom = fieldOf(fieldOf(check, 'messages'), 'custom_message');
  const lines = typeof custom === 'string' ? custom.split('\n').map((line) => line.trim()) : [];
  const text = lines.filter((line) => line !== '');
  const fix = text.findIndex((line) => /^\[?(fix|remediation)\]?:/i.test(line));
  const [said, mend] = fix === -1 ? [text, []] : [text.slice(0, fix), text.slice(fix)];
  const what = said.join(' ').replace(/^violation:\s*/i, '');
  const context = fieldOf(check, 'context');
  return {
    what: what || (typeof context === 'string' ? context.replaceAll(/\s+/g, ' ').trim() : ''),
    ...(mend.length > 0 && { mend: mend.join(' ').replace(/^\[?\w+\]?:\s*/, '') }),
  };
}

/** The first path of a template in a check: `/Resources/Bucket/Properties/...`. */
function pathIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const path = fieldOf(value, 'path');
  if (typeof path === 'string' && path.startsWith('/')) return path;
  for (const part of Object.values(value)) {
    const found = pathIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A rule with several checks of the same words says them once for each resource. */
function distinct(all: readonly Broken[]): Broken[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
