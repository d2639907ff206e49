import { filesOfCheckout } from '@nx-cdk/processes';
import { isSource } from './manifest.ts';

/** What is in no package: tests, what only they need, and how a project is built here. */
const LEFT_OUT = [
  /\.spec\.ts$/,
  /(^|\/)testing\//,
  /(^|\/)fake-[^/]*$/,
  /(^|\/)test-results\//,
  /(^|\/)jest\.config\.mjs$/,
  /(^|\/)tsconfig(\.[^/]*)?\.json$/,
];

/** What the compiler writes. */
const COMPILED = (file: string) => isSource(file) || file.endsWith('.js');

/**
 * The files of a project that are in its package as they are: schemas, templates, declarations written by hand, Python.
 * The `files` of its package.json say where they may be, as npm understands them. What git ignores is in no package.
 *
 * @param files `files` of the project's package.json: folders and files
 * @returns paths relative to the project, sorted
 */
export async function assetsOf(projectRoot: string, files: readonly string[]): Promise<string[]> {
  const inPackage = (path: string) => files.some((entry) => path === entry || path.startsWith(`${entry}/`));
  const assets = (await filesOfCheckout(projectRoot)).filter(
    (path) => inPackage(path) && !COMPILED(path) && !LEFT_OUT.some((pattern) => pattern.test(path)),
  );
  return assets.sort();
}
