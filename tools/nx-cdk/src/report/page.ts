import type { RunFile } from './model.ts';

/** The page that shows a run: one file, which asks nothing of the network. */
export function pageOf(run: RunFile): string {
  return `<!doctype html><title>${run.command}</title>`;
}
