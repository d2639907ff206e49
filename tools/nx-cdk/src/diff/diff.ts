import { stripVTControlCharacters } from 'node:util';
import type { AssemblyStack } from '../assembly/index.ts';
import { type ConnectedAwsClients, explain } from '../aws/index.ts';
import type { ItemFinished, Listener } from '../progress/index.ts';
import { type StackToolkit, openStackToolkit } from '../toolkit/index.ts';
import type { DiffReport, DiffRequest, StackDiffReport } from './request.ts';

/** What a diff works with. */
export interface DiffDependencies {
  readonly aws: ConnectedAwsClients;
  readonly listener: Listener;
  /** When it fires, no further stack is compared. */
  readonly signal?: AbortSignal;
}

/** What the toolkit tells programs of a stack's diff (message CDK_TOOLKIT_I4002). */
interface StackDiffData {
  readonly numStacksWithChanges?: number;
  readonly permissionChanges?: string;
}

type Ending = Pick<StackDiffReport, 'outcome'> & Partial<StackDiffReport>;

/**
 * Shows what a deployment of each stack would change. What goes wrong with a stack is in the report, not thrown: the
 * others are compared all the same.
 *
 * @throws Failure where the caller's credentials are of no use at all
 */
export async function diff(request: DiffRequest, { aws, listener, signal }: DiffDependencies): Promise<DiffReport> {
  const started = performance.now();
  await requireCaller(aws);
  const wanted = new Set(request.stacks);
  const stacks = request.assembly.stacks.filter(({ id }) => wanted.has(id));
  listener({ type: 'run-started', action: 'diff', items: stacks.length, subject: count(stacks.length, 'stack') });
  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(Math.max(1, request.concurrency ?? 10));
  const toolkit = await openStackToolkit(aws, request.assembly.directory);
  try {
    const reports = await Promise.all(
      stacks.map((stack) =>
        limit(async (): Promise<StackDiffReport> => {
          const began = performance.now();
          const { id, stackName } = stack;
          const { account, region } = stack.target;
          listener({ type: 'item-started', id, label: id, where: `${account}/${region}` });
          const ending: Ending = signal?.aborted
            ? { outcome: 'skipped' }
            : await compare(stack, request, toolkit, listener).catch((error: unknown) => failed(stack, error));
          const report = { id, stackName, account, region, broadensPermissions: false, text: '', ...ending };
          listener(finished(report, performance.now() - began));
          return report;
        }),
      ),
    );
    const success = reports.every(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
    const different = reports.filter(({ outcome }) => outcome === 'different').length;
    const milliseconds = performance.now() - started;
    const summary = `${count(stacks.length, 'stack')}: ${different} with differences`;
    listener({ type: 'run-finished', success, summary, milliseconds });
    return { success, different: different > 0, milliseconds, stacks: reports };
  } finally {
    await toolkit.dispose();
  }
}

async function compare(
  stack: AssemblyStack,
  request: DiffRequest,
  { toolkit, assembly, select, of }: StackToolkit,
  listener: Listener,
): Promise<Ending> {
  const { DiffMethod } = await import('@aws-cdk/toolkit-lib');
  const texts: string[] = [];
  let differs = false;
  let broadens = false;
  const result = (text: string, data: unknown) => {
    const { numStacksWithChanges, permissionChanges } = (data ?? {}) as StackDiffData;
    // The closing message of the action is a result too, but of no stack.
    if (permissionChanges === undefined) return;
    texts.push(text);
    differs ||= (numStacksWithChanges ?? 0) > 0;
    broadens ||= permissionChanges === 'broadening';
  };
  const heard: Listener = (event) => {
    if (event.type !== 'message') return listener(event);
    // The toolkit asks for a confirmation here that nobody can give; the report says the same as a fact.
    if (/security approval level/.test(event.text)) return;
    // It tries one role after the other; what came of it is told when the stack ends.
    listener(REFUSED.test(event.text) ? { ...event, level: 'debug' } : event);
  };
  await of({ id: stack.id, listener: heard, result }, () =>
    toolkit.diff(assembly, {
      stacks: select(stack.id),
      method:
        request.method === 'change-set'
          ? DiffMethod.ChangeSet({ fallbackToTemplate: false })
          : DiffMethod.TemplateOnly(),
      ...(request.contextLines === undefined ? {} : { contextLines: request.contextLines }),
    }),
  );
  if (!differs) return { outcome: 'unchanged' };
  return { outcome: 'different', broadensPermissions: broadens, text: tidy(texts.join('\n')) };
}

/**
 * Without the line that names the stack, which its item does already, and without colours, which a report must not
 * have.
 */
function tidy(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/^Stack .*\n/, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function finished(report: StackDiffReport, milliseconds: number): ItemFinished {
  const { id, outcome, text, broadensPermissions, failure } = report;
  const base = { type: 'item-finished', id, milliseconds } as const;
  if (outcome !== 'different') {
    return {
      ...base,
      outcome,
      detail: failure?.message ?? (outcome === 'unchanged' ? 'no differences' : 'interrupted'),
    };
  }
  const detail = broadensPermissions
    ? 'a deployment would change it, and allow more than now'
    : 'a deployment would change it';
  return { ...base, outcome: 'planned', detail, lines: text.split('\n') };
}

/** How the toolkit begins to say that it could not assume a role, and why. */
const REFUSED =
  /^Could not assume role in target account(?: using current credentials \(which are for account (\d{12})\))?\s*(.*?)\s*\. Please make sure/s;

function failed(stack: AssemblyStack, error: unknown): Ending {
  const { code, message } = explain(error);
  const { account, region } = stack.target;
  const [refused, caller, why] = REFUSED.exec(message) ?? [];
  const sentence =
    refused === undefined
      ? message.trim()
      : `no role of ${account}/${region} can be assumed: ${why}: bootstrap it with trust for ${caller ?? 'these credentials'} (nx bootstrap)`;
  return { outcome: 'failed', failure: { code, message: `${stack.id}: ${sentence}` } };
}

/** Credentials that are not accepted and an endpoint that is not there are one sentence, not one for each stack. */
async function requireCaller(aws: ConnectedAwsClients): Promise<void> {
  await aws.caller().catch((error: unknown) => {
    const failure = explain(error);
    // Without a region of their own, credentials still work in those of the stacks.
    if (failure.code !== 'NoRegion') throw failure;
  });
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
