import { join } from 'node:path';

/** Where pages are, relative to the root of the workspace; git ignores `dist` in most of them. */
export const REPORTS_FOLDER = join('dist', 'reports');

/** Where those of a project are. Names that differ only in what cannot be in the name of a folder share one. */
export function reportsOf(project: string): string {
  return join(REPORTS_FOLDER, project.replaceAll(/[/\\]/g, '-').replace(/^@/, ''));
}
