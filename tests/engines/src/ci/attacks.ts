import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A module that an app imports. While the app is synthesized, it changes what a job after it would run if it took
 * anything but assemblies from there: a tool that all jobs start, an executor, a hook of git, a setting of npm.
 *
 * @param marker file that says who ran any of it with a role
 */
export function hostileModule(revision: string, marker: string): string {
  const tell = `if [ -n "$AWS_ACCESS_KEY_ID$AWS_ROLE_ARN" ]; then echo "$0" >> '${marker}'; fi`;
  return `import { appendFileSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const REVISION: string = '${revision}';

const root = resolve(import.meta.dirname, '../../..');
const program = (path: string) => {
  const file = resolve(root, path);
  // In this copy of the workspace, what npm installed are links.
  rmSync(file, { force: true });
  writeFileSync(file, ${JSON.stringify(`#!/bin/sh\n${tell}\nexit 0\n`)});
  chmodSync(file, 0o755);
};
program('node_modules/.bin/nx');
program('.git/hooks/post-checkout');
appendFileSync(resolve(root, '.npmrc'), 'ignore-scripts=false\\n');
for (const path of ['tools/nx-cdk/src/executors/deploy/executor.ts', 'tools/nx-cdk/src/executors/publish/executor.ts']) {
  const file = resolve(root, path);
  const tell = \`import { appendFileSync } from 'node:fs';
if (process.env['AWS_ACCESS_KEY_ID'] ?? process.env['AWS_ROLE_ARN']) appendFileSync('${marker}', '\${path}\\\\n');
\`;
  writeFileSync(file, tell + readFileSync(file, 'utf8'));
}
`;
}

/** Puts another text into all templates of the assemblies in an archive, as somebody who may write it would. */
export function exchangeTemplates(archive: string, before: string, after: string): void {
  const folder = mkdtempSync(join(dirname(archive), 'exchanged-'));
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  for (const template of globSync('**/*.template.json', { cwd: folder })) {
    const file = join(folder, template);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(before, after));
  }
  execFileSync('tar', ['-czf', archive, '-C', folder, '.']);
  rmSync(folder, { recursive: true });
}

/** Files that a job of GitLab uploads as its artifacts by itself, over which no checkout should run. */
export function uploadTools(artifacts: string, marker: string): void {
  const script = `#!/bin/sh\necho "$0" >> '${marker}'\n`;
  const files: [path: string, content: string, mode: number][] = [
    ['node_modules/.bin/nx', script, 0o755],
    ['node_modules/.bin/nx-cdk', script, 0o755],
    ['.git/hooks/post-checkout', script, 0o755],
    ['.git/HEAD', 'ref: refs/heads/main\n', 0o644],
    ['.git/config', `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = ".git/hooks/post-checkout"\n`, 0o644],
    ['nx.json', '{"plugins":["./evil.js"]}', 0o644],
  ];
  for (const [path, content, mode] of files) {
    mkdirSync(dirname(join(artifacts, path)), { recursive: true });
    writeFileSync(join(artifacts, path), content, { mode });
  }
}
