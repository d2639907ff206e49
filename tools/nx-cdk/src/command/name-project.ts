import type { Listener, ProgressEvent } from '../progress/index.ts';

/**
 * What the engines write for the project if a sentence names a command: they know nothing of Nx, so they do not know
 * the project's name.
 */
const PLACEHOLDER = '<project>';

/** Puts a project's name into a text that leaves it open, so that the next step can be copied unchanged. */
export function nameProject(text: string, projectName: string): string {
  return text.replaceAll(PLACEHOLDER, projectName);
}

/** The same for everything a listener hears. */
export function namingProject(listener: Listener, projectName: string): Listener {
  return (event) => listener(named(event, projectName));
}

function named(event: ProgressEvent, projectName: string): ProgressEvent {
  if (event.type === 'message') return { ...event, text: nameProject(event.text, projectName) };
  if (event.type !== 'item-finished' || event.outcome !== 'failed') return event;
  return {
    ...event,
    ...(event.detail === undefined ? {} : { detail: nameProject(event.detail, projectName) }),
    ...(event.lines === undefined ? {} : { lines: event.lines.map((line) => nameProject(line, projectName)) }),
  };
}
