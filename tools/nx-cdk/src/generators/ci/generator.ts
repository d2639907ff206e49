import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { DIFF_REPORTS } from '@nx-cdk/environments';
import {
  generateFiles,
  type GeneratorCallback,
  offsetFromRoot,
  readNxJson,
  readJson,
  type Tree,
  updateJson,
} from '@nx/devkit';
import { addPlace, nodeCommand, placeOf, writeTsConfig } from '../../new-project/index.ts';
import { addPackages, finish, type PackageName } from '../../workspace/index.ts';
import { nodeOf, packagesOf } from './packages.ts';
import { nextSteps } from './next-steps.ts';
import type { CiGeneratorSchema } from './schema.d.ts';
import { type CiSettings, settingsOf } from './settings.ts';

/** Of each system: its title, the folder of its files, and how many columns they indent a script. */
const SYSTEMS = {
  github: { title: 'GitHub Actions', folder: '.github/workflows', indent: 10 },
  gitlab: { title: 'GitLab CI/CD', folder: '.', indent: 6 },
  circleci: { title: 'CircleCI', folder: '.circleci', indent: 12 },
};

/** What the app with the roles imports. */
const APP_PACKAGES: readonly PackageName[] = [
  '@nx-cdk/constructs',
  '@nx-cdk/environments',
  '@types/node',
  'aws-cdk-lib',
  'constructs',
  'typescript',
];

/**
 * Writes the files of a CI system, and a CDK app with the roles for it. The same workspace and options always give the
 * same files: manual edits are overwritten, and `git diff` shows it.
 *
 * @throws Failure naming the option that is missing or wrong; EnvironmentsError for the environments file;
 *   PackageManagerError if the commit does not say which package manager the jobs run
 */
export default async function ciGenerator(tree: Tree, options: CiGeneratorSchema): Promise<GeneratorCallback> {
  const settings = await settingsOf(tree.root, options);
  const { title, folder, indent } = SYSTEMS[settings.system];
  const app = `${settings.system}-access`;
  const place = placeOf(tree, 'app', app, options.directory);
  const packages = packagesOf(tree.root);
  const variables = {
    ...settings,
    title,
    app,
    packages,
    node: nodeOf(tree),
    offset: offsetFromRoot(`${place.root}/src`),
    reports: DIFF_REPORTS,
    // Where commands write pages, and where jobs of GitLab keep them, which have the commit in another folder.
    pages: 'dist/reports',
    keptPages: 'run-reports',
    // Which the access app hands to `stepsWithRoles`.
    moreSteps: JSON.stringify({
      ...(settings.drift && { drift: true }),
      ...(settings.sandboxes && { sandboxes: settings.sandboxes.environment }),
    }),
    defaultInputs: readNxJson(tree)?.namedInputs?.['default'] ?? ['{projectRoot}/**/*'],
    block: (script: string) => script.trimEnd().replaceAll('\n', `\n${' '.repeat(indent)}`),
    dot: '.',
    command: nodeCommand().app,
  };
  const templates = join(import.meta.dirname, 'files');
  generateFiles(tree, join(templates, settings.system), folder, variables);
  // The other systems have one file for all.
  for (const part of settings.system === 'github' ? (['drift', 'sandboxes'] as const) : []) {
    if (settings[part] !== undefined) generateFiles(tree, join(templates, `github-${part}`), folder, variables);
  }
  generateFiles(tree, join(templates, 'access-app'), place.root, variables);
  writeTsConfig(tree, place.root, { output: 'cdk.out', jest: false });
  addPlace(tree, place, app);
  forbidLookups(tree, settings);
  // A workspace may have them otherwise, as the one that they are made in.
  const missing = APP_PACKAGES.filter((name) => !existsSync(join(tree.root, 'node_modules', name)));
  return finish(tree, { install: addPackages(tree, missing), next: nextSteps(settings, app, packages) });
}

/** Of an environments file. */
interface WithLookupRoles {
  readonly ci: { readonly lookupRoles?: readonly string[] };
}

/** Takes away what an earlier version of this generator allowed: the role that compares stacks reads templates only. */
function forbidLookups(tree: Tree, { environmentsFile, diff: { roleArn } }: CiSettings): void {
  if (!readJson<WithLookupRoles>(tree, environmentsFile).ci.lookupRoles?.includes(roleArn)) return;
  updateJson(tree, environmentsFile, ({ ci: { lookupRoles = [], ...ci }, ...content }: WithLookupRoles) => {
    const others = lookupRoles.filter((role) => role !== roleArn);
    return { ...content, ci: { ...ci, ...(others.length > 0 && { lookupRoles: others }) } };
  });
}
