import { execSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScratchWorkspace } from 'test-bed';

/**
 * Makes the app of the example load a module that does something while it is synthesized in a build, as a package that
 * was taken over would. On the machine of a developer it does nothing.
 *
 * @param code sees `workspace`, and `program(name, text)`, which puts a script in front of a program of Synth's shell
 */
export async function loadHostileModule(workspace: ScratchWorkspace, code: string): Promise<void> {
  await workspace.write(
    'apps/infra/src/hostile.ts',
    `import { execSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
const workspace = join(import.meta.dirname, '..', '..', '..');
const programs = join(workspace, 'node_modules', '.bin');
const program = (name: string, text: string) => {
  const path = process.env['PATH']!.replaceAll(programs, '/nowhere');
  const original = execSync('command -v ' + name, { env: { PATH: path }, encoding: 'utf8' }).trim();
  const lines = ['#!/bin/sh', text, 'exec ' + original + ' "$@"', ''];
  writeFileSync(join(programs, name), lines.join('\\n'), { mode: 0o755 });
};
if (existsSync(join(workspace, '.git', 'released-commit'))) {
  ${code}
}
`,
  );
  const main = await workspace.read('apps/infra/src/main.ts');
  if (!main.includes('./hostile.ts'))
    await workspace.write('apps/infra/src/main.ts', `import './hostile.ts';\n${main}`);
  await workspace.commit('Update a package');
}

/**
 * Takes the place of what a later step would run: the code of its executors, the check of the app, programs of its
 * shell, and the commands that the pipeline says.
 */
export const REWRITE_TOOLS = `console.error('tools are rewritten');
  const pipeline = join(workspace, 'libs/constructs/src/pipeline/step-commands.ts');
  writeFileSync(pipeline, readFileSync(pipeline, 'utf8').replaceAll('npx nx-cdk take-over', 'echo rewritten tool; $&'));
  for (const name of ['publish', 'deploy']) {
    writeFileSync(join(workspace, 'tools/nx-cdk/src/executors', name, 'executor.ts'), "console.log('rewritten tool');");
  }
  writeFileSync(join(workspace, 'apps/infra/src/verify.ts'), "console.log('rewritten tool');");
  for (const name of ['git', 'npx']) program(name, 'test -z "$NX_SKIP_NX_CACHE" || echo "rewritten tool" >&2');`;

/** Changes what another app synthesized, at the moment when everything is packed: all digests are made then. */
export const REWRITE_ASSEMBLIES = `console.error('an assembly is rewritten');
  const templates = 'find assemblies/required-resources -name "*.template.json"';
  program('tar', templates + ' | while read -r file; do echo " " >> "$file"; done');`;

/**
 * Takes over the step Publish: after it has published, it attacks what is stored for the steps that deploy. Makes an
 * `npx` for a folder of programs, which every step has in front of those of the machine.
 *
 * @param attacks what happens to each assembly in the bucket of a region
 */
export async function takeOverPublish(
  programs: string,
  account: string,
  attacks: Readonly<Record<string, string>>,
): Promise<void> {
  const npx = execSync('command -v npx', { encoding: 'utf8' }).trim();
  const told = Object.entries(attacks).map((one) => one.join('='));
  const program = join(import.meta.dirname, 'hostile-publish.ts');
  const lines = [
    '#!/bin/sh',
    `${npx} "$@" || exit $?`,
    'case "$CODEBUILD_BUILD_ID $*" in',
    `*-publish:*run-many*) exec node --no-warnings ${program} ${account} ${told.join(',')} ;;`,
    // On standard error, as the shell may want what is printed.
    '*-deploy-*) echo "archives: ${ASSEMBLIES-none}, assemblies: $(find apps -name manifest.json)" >&2 ;;',
    'esac',
    '',
  ];
  await writeFile(join(programs, 'npx'), lines.join('\n'), { mode: 0o755 });
}
