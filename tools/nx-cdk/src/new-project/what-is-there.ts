import { getProjects, type Tree } from '@nx/devkit';
import { Failure } from '../failure/index.ts';

/**
 * Whether the project that is to be made is there already.
 *
 * @param mark a file that only such a project has, relative to its folder
 * @throws Failure `AlreadyThere` if the name, or the folder, belongs to something else
 */
export function isThere(tree: Tree, root: string, name: string, mark: string): boolean {
  const other = getProjects(tree).get(name);
  if (other !== undefined && other.root !== root) {
    throw new Failure('AlreadyThere', {
      what: `A project ${name} is there already`,
      where: other.root,
      next: 'give the new one another name',
    });
  }
  if (tree.exists(`${root}/${mark}`)) return true;
  if (tree.children(root).length === 0) return false;
  throw new Failure('AlreadyThere', {
    what: `The folder ${root} is in use, and has no ${mark}`,
    next: 'choose another one with --directory',
  });
}
