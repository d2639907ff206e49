import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Assembly, readAssembly } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import type { DiffReport } from '../diff/index.ts';
import { Failure } from '../failure/index.ts';
import { createProgress, type Listener, masked, Recorder } from '../progress/index.ts';
import type { CliCommand } from './commands.ts';

/** What `nx-cdk hand-over` makes of the name of a project. */
const FOLDER_NAME = /^[\w%!'()*~-]+$/;

/** Compares what a proposed change synthesizes with what is deployed. */
export const diffCommand: CliCommand = {
  name: 'diff',
  summary: 'Compare handed-over assemblies with what is deployed, and write reports for nx-cdk comment.',
  details: [
    'For the job of a CI that shows what a proposed change would change, in a checkout of what was reviewed: only',
    'assemblies are taken from the change, and projects that it adds are compared too. Values that are not known to be',
    'harmless are hidden. Needs a role that may read templates in every account.',
  ],
  options: {
    folder: { value: 'FOLDER', description: 'The folder that nx-cdk hand-over filled.', required: true },
    role: {
      value: 'NAME',
      description:
        "The role to assume in each account but the caller's own, whatever the assemblies name. Default: the lookup roles of the assemblies.",
    },
    reports: {
      value: 'FOLDER',
      description: 'Where the reports go, one for each project: as JSON, and as a page to look at.',
      required: true,
    },
  },
  run: async ({ options, folder, explain }) => {
    const assemblies = resolve(folder, options['folder']!);
    const reports = resolve(folder, options['reports']!);
    const outcome = (text: string) => writeFile(join(reports, 'outcome'), `${text}\n`);
    await mkdir(reports, { recursive: true });
    await outcome('failed');
    // Imported late: a mistyped option need not wait for the SDK.
    const [{ createAws }, { diff }] = await Promise.all([import('../aws/index.ts'), import('../diff/index.ts')]);
    const progress = createProgress({ format: 'auto' });
    let recorder = new Recorder();
    const listener: Listener = (event) => {
      recorder.listener(event);
      progress.listener(event);
    };
    const aws = createAws({ listener });
    const failed: string[] = [];
    try {
      for (const project of projectsIn(assemblies)) {
        const assembly = readAssembly(join(assemblies, project));
        const stacks = assembly.stacks.map(({ id }) => id);
        if (options['role'] === undefined) await admitRoles(assembly, aws);
        explain(`Comparing ${project}.`);
        recorder = new Recorder();
        const report = await diff({ assembly, stacks, masked: true, role: options['role'] }, { aws, listener });
        await writeFile(join(reports, `${project}.json`), asJson(report, assembly));
        await writeFile(join(reports, `${project}.html`), await asPage(report, project, recorder));
        if (!report.success) failed.push(project);
      }
    } finally {
      progress.stop();
      aws.destroy();
    }
    if (failed.length > 0) {
      const what = `Not every stack of ${failed.join(', ')} could be compared`;
      throw new Failure('Diff', { what, next: 'the lines above say why' });
    }
    await outcome('complete');
  },
};

/** The report, and what each stack waits for, of which a comment draws its picture. */
function asJson(report: DiffReport, { stacks }: Assembly): string {
  const dependencies = Object.fromEntries(stacks.map((stack) => [stack.id, stack.dependencies]));
  return JSON.stringify({ ...report, dependencies }, undefined, 2);
}

async function asPage(report: DiffReport, project: string, recorder: Recorder): Promise<string> {
  const { pageOf, RUN_FORMAT } = await import('../report/index.ts');
  const about = { format: RUN_FORMAT, command: 'diff', project: nameOf(project) } as const;
  return pageOf({ ...about, success: report.success, result: masked(report), recording: recorder.recording() });
}

/** The name of a project, of which `nx-cdk hand-over` has made the name of a folder. */
function nameOf(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}

/**
 * The toolkit assumes the roles that a manifest names by itself.
 *
 * @throws Failure `RoleNotAdmitted` if one of them is no such role of a bootstrap in the stack's target
 */
async function admitRoles({ stacks }: Assembly, aws: AwsClients): Promise<void> {
  const { requireAdmitted, resolveTarget } = await import('../aws/index.ts');
  for (const { id: subject, manifestFile, target, lookupRole, deployRole } of stacks) {
    const there = await resolveTarget(aws, target);
    const about = (field: string) => ({ subject, named: `${field} in ${manifestFile}` });
    requireAdmitted(aws.admission, there, 'lookup', lookupRole, about('lookupRole.arn'));
    requireAdmitted(aws.admission, there, 'deploy', deployRole, about('assumeRoleArn'));
  }
}

/** Names of the folders, which come from the proposed change and go into logs and paths. */
function projectsIn(folder: string): string[] {
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      if (FOLDER_NAME.test(name)) return name;
      const what = `${JSON.stringify(name)} in ${folder} is not what nx-cdk hand-over calls the folder of a project`;
      throw new Failure('NoAssembly', { what, next: 'hand over with nx-cdk hand-over' });
    });
}
