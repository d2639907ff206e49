import { deployPage } from './deploy-page.ts';
import type { RunFile } from './model.ts';
import { planPage } from './plan-page.ts';
import { publishPage } from './publish-page.ts';

/** The page that shows a run: one file, which asks nothing of the network. */
export function pageOf(run: RunFile): string {
  switch (run.command) {
    case 'deploy':
      return deployPage(run);
    case 'plan':
      return planPage(run);
    case 'publish':
      return publishPage(run);
  }
}
