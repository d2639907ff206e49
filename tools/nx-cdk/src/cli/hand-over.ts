import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readAssembly } from '../assembly/index.ts';
import { Git } from '../deployments/index.ts';
import { Failure } from '../failure/index.ts';
import {
  type ReleaseManifest,
  RELEASE_FILE,
  formatReleases,
  parseReleases,
  readReleaseManifest,
  requireRelease,
  verifyAssembly,
} from '../release/index.ts';
import { type Assemblies, assembliesOf, instanceIn, INSTANCE_OPTIONS } from './assemblies.ts';
import type { CliCommand, CliOption, Invocation } from './commands.ts';
import { workspaceRootOf } from './deploy-group.ts';
import { projectGraph } from './deploying-projects.ts';

/** Where the assemblies are on their way from one job of a CI to another. */
const folderOption = (description: string): Record<'folder', CliOption> => ({
  folder: { value: 'FOLDER', description, required: true },
});

/** Puts the assemblies together for the jobs that come after synthesis. */
export const handOverCommand: CliCommand = {
  name: 'hand-over',
  summary: 'Copy the assemblies into one folder, and print which releases they are.',
  details: [
    'For the job of a CI that synthesizes. It prints one line, infra=<digest>,pipeline=<digest>, which the CI has to hand',
    'on by a way of its own, such as the output of a job: later jobs take nothing else (nx-cdk take-over).',
  ],
  options: {
    ...folderOption('A folder that is not there yet, or is empty.'),
    ...INSTANCE_OPTIONS,
    allowNone: { description: 'Hand over nothing if no project has an assembly, as for a change that affects none.' },
  },
  run: async ({ options, folder, print, explain }) => {
    const projects = await ignoredAssemblies(options, workspaceRootOf(folder));
    const releases = await handOver(projects, resolve(folder, options['folder']!), Boolean(options['allowNone']));
    explain(`Handed over: ${[...releases.keys()].join(', ')}.`);
    print(formatReleases(releases));
  },
};

/** Puts assemblies that another job made where the Nx targets of this workspace look for them. */
export const takeOverCommand: CliCommand = {
  name: 'take-over',
  summary: 'Put handed-over assemblies into their projects, if they are the releases that were printed.',
  details: [
    'For a job of a CI that publishes or deploys, in a fresh checkout of the commit. Every file is compared with the',
    'release. Only assemblies are taken, and only those that are named: nothing else in the folder is looked at.',
    'It prints their projects, infra,pipeline, for nx run-many -p.',
  ],
  options: {
    ...folderOption('The folder that nx-cdk hand-over filled.'),
    releases: { value: 'LIST', description: 'What nx-cdk hand-over printed.', required: true },
    ...INSTANCE_OPTIONS,
    known: {
      description: 'Leave out projects that this checkout does not have, as those that a proposed change adds.',
    },
  },
  run: async ({ options, folder, print, explain }) => {
    const named = parseReleases(options['releases']!);
    const projects = await ignoredAssemblies(options, workspaceRootOf(folder));
    const releases = options['known'] ? knownOf(named, projects, explain) : named;
    await takeOver(projects, resolve(folder, options['folder']!), releases);
    explain(`Taken over: ${[...releases.keys()].join(', ')}.`);
    print([...releases.keys()].join(','));
  },
};

/**
 * Copies the assemblies into a folder.
 *
 * @param projects where the assembly of each project is; those without one are left out
 * @param allowNone whether it is fine if no project has one
 * @returns the digest of each release, by project
 * @throws Failure `OutputFolder`, `NoAssembly`, `NoRelease`
 */
export async function handOver(projects: Assemblies, folder: string, allowNone = false): Promise<Map<string, string>> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Failure('OutputFolder', { what: `${folder} is not empty`, next: 'name a folder of its own' });
  }
  await mkdir(folder, { recursive: true });
  const releases = new Map<string, string>();
  for (const [project, assembly] of projects) {
    if (!existsSync(join(assembly, 'manifest.json'))) continue;
    const release = await releaseIn(assembly, project);
    await cp(assembly, join(folder, folderName(project)), { recursive: true, verbatimSymlinks: true });
    releases.set(project, release.digest);
  }
  if (releases.size > 0 || allowNone) return releases;
  const next = 'synthesize first (nx run-many -t synth)';
  throw new Failure('NoAssembly', { what: 'No project of this workspace has an assembly', next });
}

/**
 * Copies assemblies from a folder that {@link handOver} filled to where their projects have them, and compares each
 * file.
 *
 * @param releases the digest of each release, by project
 * @throws Failure `NoProject`, `NoAssembly`, `OutputFolder`, `NoRelease`, `OtherRelease`, `ReleaseMismatch`
 */
export async function takeOver(
  projects: Assemblies,
  folder: string,
  releases: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [project, digest] of releases) {
    const output = projects.get(project);
    if (output === undefined) {
      const next = 'take over in a checkout of the commit that was synthesized';
      throw new Failure('NoProject', { what: `No project "${project}" of this workspace synthesizes`, next });
    }
    const handedOver = join(folder, folderName(project));
    // A link would be followed to a folder that nobody has compared with anything.
    if (!lstatSync(handedOver, { throwIfNoEntry: false })?.isDirectory()) {
      const next = 'hand over again in the job that synthesizes';
      throw new Failure('NoAssembly', { what: `${handedOver} is no folder with the assembly of ${project}`, next });
    }
    if (existsSync(output)) {
      const next = 'take over into a fresh checkout, or delete it';
      throw new Failure('OutputFolder', { what: `${output} is there already`, next });
    }
    const release = await releaseIn(handedOver, project);
    requireRelease(release, digest, project);
    await verifyAssembly(readAssembly(handedOver), release);
    await cp(handedOver, output, { recursive: true, verbatimSymlinks: true });
  }
}

/** Where the assemblies are, none of them where Nx looks for projects. */
async function ignoredAssemblies(options: Invocation['options'], workspaceRoot: string): Promise<Assemblies> {
  const projects = assembliesOf(await projectGraph(), workspaceRoot, instanceIn(options));
  await requireIgnored(projects, new Git(workspaceRoot));
  return projects;
}

/**
 * Those of some releases whose projects a checkout has; says which it leaves out.
 *
 * @throws Failure `NoProject` if nothing is left
 */
export function knownOf(
  releases: ReadonlyMap<string, string>,
  projects: Assemblies,
  explain: Invocation['explain'],
): ReadonlyMap<string, string> {
  const known = new Map([...releases].filter(([project]) => projects.has(project)));
  for (const project of releases.keys()) {
    if (!known.has(project)) explain(`${project} is left out: this checkout has no such project that synthesizes.`);
  }
  if (known.size > 0) return known;
  const next = 'merge the change that adds them first';
  throw new Failure('NoProject', { what: 'This checkout has none of the projects that were handed over', next });
}

/**
 * Refuses an assembly in a folder that Nx reads: an asset may hold a `project.json`, and Nx would run its targets.
 *
 * @throws Failure `OutputFolder`
 */
export async function requireIgnored(projects: Assemblies, git: Git): Promise<void> {
  for (const [project, assembly] of projects) {
    // A file in it, as a pattern for folders matches nothing that is not there yet.
    if (await git.ignores(join(assembly, 'manifest.json'))) continue;
    const what = `git does not ignore ${assembly}, so Nx takes what it finds there for a part of the workspace`;
    throw new Failure('OutputFolder', { subject: project, what, next: 'add it to .gitignore' });
  }
}

/** One folder for each project, whatever it is called: `@acme/infra` is two names of folders otherwise. */
function folderName(project: string): string {
  return encodeURIComponent(project).replaceAll('.', '%2E');
}

async function releaseIn(assembly: string, project: string): Promise<ReleaseManifest> {
  const release = await readReleaseManifest(assembly);
  if (release !== undefined) return release;
  const what = `${assembly} holds no ${RELEASE_FILE}: it was not made by nx synth`;
  throw new Failure('NoRelease', { subject: project, what, next: `synthesize with nx synth ${project}` });
}
