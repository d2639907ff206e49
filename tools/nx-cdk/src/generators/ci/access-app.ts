import { readNxJson, type Tree } from '@nx/devkit';
import type { CiSettings } from './settings.ts';

/** What a workspace's own libraries are called; the app's main file is theirs to use. */
const CONSTRUCTS = '@libs/constructs';
const ENVIRONMENTS = '@libs/environments';

/** Folder of the app whose stack holds the roles of a CI system. */
export function accessAppRoot({ system }: Pick<CiSettings, 'system'>): string {
  return `apps/${system}-access`;
}

/** The CDK app whose stack holds the roles, by file. */
export function accessAppFiles(tree: Tree, settings: CiSettings): Record<string, string> {
  const root = accessAppRoot(settings);
  return {
    [`${root}/package.json`]: json(packageJson(tree, settings)),
    [`${root}/cdk.json`]: json(CDK_JSON),
    [`${root}/tsconfig.json`]: json({
      extends: '../../tsconfig.base.json',
      include: ['**/*.ts'],
      exclude: ['cdk.out'],
    }),
    [`${root}/src/main.ts`]: main(settings),
  };
}

const CDK_JSON = {
  app: 'node src/main.ts',
  context: {
    '@aws-cdk/aws-iam:minimizePolicies': true,
    '@aws-cdk/core:enablePartitionLiterals': true,
    '@aws-cdk/core:explicitStackTags': true,
  },
};

function packageJson(tree: Tree, { system, environmentsFile }: CiSettings) {
  const inputs = readNxJson(tree)?.namedInputs?.['default'] ?? ['{projectRoot}/**/*'];
  return {
    name: `${system}-access`,
    version: '0.0.0',
    private: true,
    license: 'MIT',
    description: `CDK app: what ${NAMES[system]} may do in AWS, a role a step`,
    type: 'module',
    scripts: { lint: 'eslint .', typecheck: 'tsc -p tsconfig.json' },
    nx: {
      name: `${system}-access`,
      tags: ['room:apps'],
      // The roles follow from the environments: an edit of that file makes another assembly.
      namedInputs: { default: [...inputs, `{workspaceRoot}/${environmentsFile}`] },
    },
  };
}

/** How people call the CI systems. */
export const NAMES: Readonly<Record<CiSettings['system'], string>> = {
  github: 'GitHub Actions',
  gitlab: 'GitLab CI/CD',
  circleci: 'CircleCI',
};

const FUNCTIONS: Readonly<Record<CiSettings['system'], string>> = {
  github: 'gitHubActions',
  gitlab: 'gitLabCi',
  circleci: 'circleCi',
};

function identityOptions({ system, repository, branch, ids, gitlabUrl, circleci }: CiSettings): object {
  if (system === 'gitlab') return { project: repository, branch, url: gitlabUrl };
  return { repository, branch, ...(ids === undefined ? {} : { ids }), ...circleci };
}

function main(settings: CiSettings): string {
  const { system, environmentsFile, existingProvider } = settings;
  const identity = `${FUNCTIONS[system]}(${JSON.stringify(identityOptions(settings))})`;
  return `import { resolve } from 'node:path';
import { CiAccess, ${FUNCTIONS[system]}, PipelineError } from '${CONSTRUCTS}';
import { EnvironmentsError, readEnvironments, stepsWithRoles } from '${ENVIRONMENTS}';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';

// Made by \`nx g nx-cdk:ci ${system}\`. Deployed by a person, with the CI account's own credentials: a CI that could
// change these roles could give itself any.
const app = new App({ analyticsReporting: false });

try {
  const environments = readEnvironments(resolve(import.meta.dirname, '../../../${environmentsFile}'));
  const { ci, pipeline, qualifier, signing } = environments;
  const stack = new Stack(app, 'Access', {
    stackName: \`\${pipeline.name}-${system}-access\`,
    description: 'What ${NAMES[system]} may do, a role a step.',
    env: { account: ci.account, region: ci.region },
    synthesizer: new DefaultStackSynthesizer({ qualifier }),
  });
  new CiAccess(stack, 'Access', {
    name: pipeline.name,
    identity: ${identity},
    steps: stepsWithRoles(environments),
    ...(signing && { signingKey: signing.key }),${existingProvider ? '\n    existingProvider: true,' : ''}
  });
} catch (error) {
  if (!(error instanceof EnvironmentsError || error instanceof PipelineError)) throw error;
  // Both say what to do in one sentence. Left at once: CDK synthesizes an app, however unfinished, when its process
  // runs out of work.
  console.error(error.message);
  process.exit(1);
}
`;
}

function json(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
