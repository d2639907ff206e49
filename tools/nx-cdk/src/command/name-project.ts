import type { Listener } from '../progress/index.ts';

/**
 * Puts a project's name where the engines write `<project>`, in messages and in failures: they know nothing of Nx, and
 * the next step can be copied as it is.
 */
export function namingProject(listener: Listener, projectName: string): Listener {
  const named = (text: string) => text.replaceAll('<project>', projectName);
  return (event) => {
    const failed = event.type === 'item-finished' && event.outcome === 'failed';
    if (event.type !== 'message' && !failed) return listener(event);
    const failure = event.failure && { failure: { ...event.failure, message: named(event.failure.message) } };
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
