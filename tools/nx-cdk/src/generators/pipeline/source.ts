import { ENVIRONMENTS_FILE, parseEnvironments } from '@nx-cdk/environments';
import { readJson, type Tree } from '@nx/devkit';
import { editJson, EXAMPLE_REPOSITORY, readEnvironmentsFile } from '../../workspace/index.ts';
import type { PipelineGeneratorSchema } from './schema.d.ts';

/** Of an environments file. */
interface WithPipeline {
  readonly pipeline?: { readonly name?: string; readonly source?: object };
}

/**
 * Names the source of the pipeline in the environments file. One that is there stays as it is.
 *
 * @returns whether something of it is an example, for a person who decides later
 * @throws Failure `Option` if there is no such file; EnvironmentsError for a source or a name that cannot be
 */
export function addSource(tree: Tree, options: PipelineGeneratorSchema): boolean {
  const { ci } = readEnvironmentsFile(tree);
  const { pipeline } = readJson<WithPipeline>(tree, ENVIRONMENTS_FILE);
  if (pipeline?.source !== undefined) return false;
  const { pipelineName, repository, branch, connection } = options;
  const name = pipeline?.name ?? pipelineName;
  const example = `arn:aws:codeconnections:${ci.region}:${ci.account}:connection/00000000-0000-0000-0000-000000000000`;
  const source = {
    type: 'connection',
    repository: repository || EXAMPLE_REPOSITORY,
    branch: branch ?? 'main',
    connection: connection || example,
  };
  const value = { ...(name && { name }), ...pipeline, source };
  const position = (keys: readonly string[]) => keys.indexOf('environments');
  editJson(tree, ENVIRONMENTS_FILE, [{ path: ['pipeline'], value, position, compact: true }]);
  parseEnvironments(tree.read(ENVIRONMENTS_FILE, 'utf8')!, ENVIRONMENTS_FILE);
  return !repository || !connection;
}
