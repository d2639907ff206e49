import { relative, sep } from 'node:path';
import type { NxJsonConfiguration, ProjectGraph } from '@nx/devkit';
import { workspaceRoot } from 'nx/src/devkit-exports.js';
import picomatch from 'picomatch';
import { BUILD } from './build.ts';

type Input = string | Readonly<Record<string, unknown>>;
type NamedInputs = Readonly<Record<string, readonly Input[]>>;

/** What a target without inputs has: everything of its project, and of those it depends on. */
const ALL: readonly Input[] = ['default', '^default'];

/**
 * Whether a file of a project counts for the build of a project, which may be the same or one that depends on it, by
 * the inputs of its target (https://nx.dev/reference/inputs). Inputs that are no files of projects count always.
 *
 * @param of the project that the file is in
 * @param from the project that is built
 */
export function isInput(
  file: string,
  { of, from }: { readonly of: string; readonly from: string },
  graph: ProjectGraph,
  nxJson: Pick<NxJsonConfiguration, 'namedInputs'>,
  root: string = workspaceRoot,
): boolean {
  const { targets = {} } = graph.nodes[from]!.data;
  const inputs = (targets[BUILD]?.inputs as readonly Input[] | undefined) ?? ALL;
  const isOwn = of === from;
  const wanted = inputs.flatMap((input) => inputFor(input, isOwn));
  const project = graph.nodes[of]!.data;
  const named = { default: ['{projectRoot}/**/*'], ...nxJson.namedInputs, ...project.namedInputs } as NamedInputs;
  const patterns = wanted.flatMap((input) => expanded(input, named));
  const path = relative(root, file).split(sep).join('/');
  const isMatch = (pattern: string) => picomatch(filled(pattern, project.root, of), { dot: true })(path);
  const [without, within] = [patterns.filter(isExclusion), patterns.filter((pattern) => !isExclusion(pattern))];
  return within.some(isMatch) && !without.some((pattern) => isMatch(pattern.slice(1)));
}

/** What an input of a target says about its own project, or about those it depends on. */
function inputFor(input: Input, isOwn: boolean): Input[] {
  if (typeof input === 'string') {
    if (input.startsWith('^')) return isOwn ? [] : [input.slice(1)];
    return isOwn ? [input] : [];
  }
  const {
    input: name,
    projects,
    dependencies,
  } = input as { input?: string; projects?: unknown; dependencies?: unknown };
  if (name === undefined) return isOwn ? [input] : [];
  const isOfOthers = projects !== undefined || dependencies === true;
  return isOfOthers === isOwn ? [] : [name];
}

/** The file patterns of an input. */
function expanded(input: Input, named: NamedInputs): string[] {
  if (typeof input !== 'string') {
    const { fileset } = input as { fileset?: string };
    return fileset === undefined ? [] : [fileset];
  }
  if (input.includes('{')) return [input];
  return (named[input] ?? []).flatMap((one) => expanded(one, named));
}

function filled(pattern: string, root: string, name: string): string {
  const project = root === '.' ? '' : `${root}/`;
  return pattern.replace('{projectRoot}/', project).replace('{workspaceRoot}/', '').replaceAll('{projectName}', name);
}

function isExclusion(pattern: string): boolean {
  return pattern.startsWith('!');
}
