import type { ExecutorContext } from '@nx/devkit';
import { reworded } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';

/**
 * Puts a project's name where the engines write `<project>`, in messages and in failures: they know nothing of Nx, and
 * the next step can be copied as it is. The configuration goes with it: without it, the step would go to AWS where the
 * command went to the local AWS.
 */
export function namingProject(
  listener: Listener,
  { projectName = '', configurationName }: Pick<ExecutorContext, 'projectName' | 'configurationName'>,
): Listener {
  const name = configurationName === undefined ? projectName : `${projectName} -c ${configurationName}`;
  const named = (text: string) => text.replaceAll('<project>', name);
  return (event) => {
    const failed = event.type === 'item-finished' && event.outcome === 'failed';
    if (event.type !== 'message' && !failed) return listener(event);
    const failure = event.failure && { failure: reworded(event.failure, named) };
    if (event.type === 'message') return listener({ ...event, text: named(event.text), ...failure });
    const { detail, lines } = event;
    listener({
      ...event,
      ...(detail && { detail: named(detail) }),
      ...(lines && { lines: lines.map(named) }),
      ...failure,
    });
  };
}
