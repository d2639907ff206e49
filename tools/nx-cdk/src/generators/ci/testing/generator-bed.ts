import { readFileSync } from 'node:fs';
import { FsTree, flushChanges } from 'nx/src/generators/tree.js';
import { temporaryWorkspace } from '../../../testing/temporary-workspace.ts';
import ciGenerator from '../generator.ts';
import type { CiGeneratorSchema } from '../schema.d.ts';

export const CIRCLECI = {
  system: 'circleci',
  organizationId: '0a1b2c3d-0000-4000-8000-000000000001',
  projectId: '0a1b2c3d-0000-4000-8000-000000000002',
} as const;

export const PRETTIER = { printWidth: 120, singleQuote: true };

/** Where the pipeline of a workspace gets its commits from. */
export const SOURCE = {
  type: 'connection',
  repository: 'example/shop',
  connection: 'arn:aws:codeconnections:eu-west-1:123456789012:connection/0',
};

/** An environment that exists many times, in an account of its own. */
export const SANDBOX = {
  name: 'sandbox',
  instances: true,
  targets: [{ account: '444444444444', region: 'eu-west-1' }],
};

export const target = (account: string, region = 'eu-west-1') => ({ account, region });

/** A workspace in which the generator runs: prod has several groups, staging is one of them all. */
export function generatorBed() {
  const workspace = temporaryWorkspace({
    'package.json': { workspaces: ['apps/*'], dependencies: { node: '24.21.0', nx: '23.2.1' } },
    'nx.json': { namedInputs: { default: ['{projectRoot}/**/*', 'sharedGlobals'] } },
    '.prettierrc.json': PRETTIER,
  });
  /** Writes the environments file. */
  const environments = (more: object = {}): void => {
    workspace.write('environments.json', {
      ci: target('123456789012'),
      pipeline: { name: 'shop', source: SOURCE },
      environments: [
        { name: 'staging', targets: [target('111111111111')] },
        {
          name: 'prod',
          approval: true,
          targets: [target('222222222222'), target('222222222222', 'us-east-1'), target('333333333333')],
          parallelActions: 2,
        },
      ],
      ...more,
    });
  };
  environments();
  return {
    workspace,
    environments,
    /** Generates into the folder, as `nx g` does; returns the files that it wrote. */
    generate: async (options: CiGeneratorSchema): Promise<string[]> => {
      const tree = new FsTree(workspace.root, false);
      await ciGenerator(tree, options);
      const changes = tree.listChanges();
      flushChanges(workspace.root, changes);
      return changes.map(({ path }) => path);
    },
    read: (file: string) => readFileSync(workspace.path(file), 'utf8'),
  };
}
