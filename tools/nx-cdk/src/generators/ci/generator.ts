import { formatFiles, logger, type Tree, updateJson } from '@nx/devkit';
import { accessAppFiles } from './access-app.ts';
import { circleCiFiles } from './circleci.ts';
import { gitHubFiles } from './github.ts';
import { gitLabFiles } from './gitlab.ts';
import { nextSteps } from './next-steps.ts';
import { nodeVersion } from './node-version.ts';
import type { CiGeneratorSchema } from './schema.d.ts';
import { type CiSettings, settingsOf } from './settings.ts';

/**
 * Writes the files of a CI system, and a CDK app with the roles for it. The same workspace and options always give the
 * same files: what a person edited in them is overwritten, and `git diff` shows it.
 *
 * @throws Failure naming the option that is missing or wrong; EnvironmentsError for the environments file
 */
export default async function ciGenerator(tree: Tree, options: CiGeneratorSchema): Promise<() => void> {
  const settings = await settingsOf(tree.root, options);
  const files = { ...ciFiles(tree, settings), ...accessAppFiles(tree, settings) };
  for (const [file, content] of Object.entries(files)) tree.write(file, content);
  allowLookups(tree, settings);
  await formatFiles(tree);
  return () => logger.info(`\n${nextSteps(settings).join('\n')}`);
}

function ciFiles(tree: Tree, settings: CiSettings): Record<string, string> {
  switch (settings.system) {
    case 'github':
      return gitHubFiles(settings, nodeVersion(tree));
    case 'gitlab':
      return gitLabFiles(settings, nodeVersion(tree));
    case 'circleci':
      return circleCiFiles(settings, nodeVersion(tree));
  }
}

/** Targets are looked at by the roles that the environments file names. */
function allowLookups(tree: Tree, { environmentsFile, diff: { roleArn } }: CiSettings): void {
  updateJson(tree, environmentsFile, (content: { ci: { lookupRoles?: string[] } }) => {
    const { lookupRoles = [] } = content.ci;
    if (lookupRoles.includes(roleArn)) return content;
    return { ...content, ci: { ...content.ci, lookupRoles: [...lookupRoles, roleArn] } };
  });
}
