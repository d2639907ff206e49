import { explain } from '../aws/index.ts';
import { type Changes, Skipped } from '../cloudformation/index.ts';
import type { Failure } from '../failure/index.ts';
import type { ExportsInUse } from './exports.ts';
import { afterBoth } from './output-changes.ts';
import type { DeployReport, StackResult } from './request.ts';

/**
 * Takes exports away when nobody imports them any more: the second step of stacks that had to keep them for a while. It
 * is done as part of the last stack that imported one of them, so that all which waits for that one waits for it too.
 */
export class SecondSteps {
  readonly #exports: ExportsInUse;
  readonly #done = new Set<string>();
  readonly #begun = new Set<string>();
  readonly #results = new Map<string, StackResult>();

  constructor(exports: ExportsInUse) {
    this.#exports = exports;
  }

  /**
   * To be called when a stack is as it should be, or has made its first step.
   *
   * @param step makes the second step of a stack
   * @returns what to note
   * @throws what keeps a second step from being made
   */
  async after(id: string, step: (id: string) => Promise<StackResult>): Promise<string[]> {
    this.#done.add(id);
    const notes: string[] = [];
    for (const [exporter, { names, importers }] of await this.#exports.found()) {
      const isReady = [exporter, ...importers].every((one) => this.#done.has(one));
      if (!isReady || this.#begun.has(exporter)) continue;
      this.#begun.add(exporter);
      try {
        this.#results.set(exporter, await step(exporter));
        notes.push(`then ${exporter} without its exports ${names.join(', ')}`);
      } catch (error) {
        // What was done is done, and the next deployment takes them away.
        if (!(error instanceof Skipped)) throw ofStack(exporter, error);
        notes.push(`${exporter} keeps its exports ${names.join(', ')} until the next deployment: ${error.message}`);
      }
    }
    return notes;
  }

  /** The report, with what second steps have changed. */
  reported(report: DeployReport): DeployReport {
    const stacks = report.stacks.map((stack) => {
      const second = this.#results.get(stack.id);
      if (second === undefined) return stack;
      const { outcome } = stack.outcome === 'unchanged' ? second : stack;
      const outputChanges = afterBoth(stack.outputChanges, second.outputChanges);
      const changes = sum(stack.changes, second.changes);
      return { ...stack, outcome, changes, outputs: second.outputs, ...(outputChanges && { outputChanges }) };
    });
    return { ...report, stacks };
  }
}

/** It is told where another stack is worked on. */
function ofStack(id: string, error: unknown): Failure {
  const failure = explain(error);
  return failure.subject === undefined ? failure.of(id) : failure;
}

function sum(first: Changes, second: Changes): Changes {
  return {
    ...first,
    added: first.added + second.added,
    modified: first.modified + second.modified,
    removed: first.removed + second.removed,
    replaced: first.replaced + second.replaced,
    resources: [...first.resources, ...second.resources],
  };
}
