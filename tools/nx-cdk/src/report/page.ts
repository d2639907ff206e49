import { deployPage } from './deploy-page.ts';
import { failuresSection } from './failures.ts';
import type { PlanRun, PublishRun, RunFile } from './model.ts';
import { messagesSection, requestsSection, runFacts, runPage } from './sections.ts';
import { timelineSection } from './timeline.ts';

/** The page that shows a run: one file, which asks nothing of the network. */
export function pageOf(run: RunFile): string {
  switch (run.command) {
    case 'deploy':
      return deployPage(run);
    case 'plan':
    case 'publish':
      return otherPage(run);
  }
}

function otherPage(run: PlanRun | PublishRun): string {
  const release = run.command === 'plan' ? run.result?.plan?.release : run.result?.release;
  return runPage(run, run.success ? 'done' : 'failed', runFacts(run, release), [
    ...failuresSection(run),
    ...timelineSection(run.recording, undefined, run.command === 'plan' ? 'stack' : 'asset'),
    ...requestsSection(run),
    ...messagesSection(run),
  ]);
}
