import { deployPage } from './deploy-page.ts';
import type { RunFile } from './model.ts';
import { publishPage } from './publish-page.ts';

/** The page that shows a run: one file, which asks nothing of the network. */
export async function pageOf(run: RunFile): Promise<string> {
  switch (run.command) {
    case 'deploy':
      return deployPage(run);
    case 'plan':
      // Imported late: the room of plans is large, and who publishes has not loaded it.
      return (await import('./plan-page.ts')).planPage(run);
    case 'publish':
      return publishPage(run);
  }
}
