import {
  type Command,
  defineExecutor,
  placesOfTargets,
  refuseStrayOptions,
  type Scope,
  sourceState,
} from '../../command/index.ts';
import { parsePatterns } from '../../assembly/index.ts';
import { Buckets, destinationsOf } from '../../destinations/index.ts';
import { allowableOf, publish } from '../../publish/index.ts';
import { claimPlaces, contentCheck, notePublished, packBundle, recordPublished } from '../../release/index.ts';
import type { PublishExecutorSchema } from './schema.d.ts';
import schema from './schema.json' with { type: 'json' };

/** Uploads what the selected stacks need. Assumes only publishing roles. */
export default defineExecutor(
  async (options: PublishExecutorSchema, command) => {
    const { projectRoot: workingDirectory, listener, signal } = command;
    const { dryRun, force, buildConcurrency: build, zipConcurrency: zip, uploadConcurrency: upload } = options;
    // Content is compared when it is read to be published: once is enough.
    const scope = await command.scope(options, { published: true, assets: true, release: { contents: 'images' } });
    refuseStrayOptions(options, schema.properties);
    const { project, assembly, release, signing } = scope;
    const owner = scope.owner?.id;
    const dependencies = { aws: await command.aws(), listener, signal, buckets: new Buckets() };
    const accept = release && contentCheck(assembly, release);
    const limits = { build, zip, upload };
    const allow = allowableOf(options.allow);
    const needed = neededBy(scope);
    const stacks = assembly.stacks.filter(({ id }) => scope.stacks.includes(id));
    const claims = dryRun === true ? undefined : await claim();
    const report = await publish({ ...needed, limits, allow, workingDirectory, accept, dryRun, force }, dependencies);
    if (release === undefined || dryRun === true) return { success: report.success, report };
    const { digest } = release;
    const { destinations } = report;
    // Instances come and go, and nobody goes back to what one had: nx sandboxes lists them.
    const source = scope.instance === undefined ? () => sourceState(command.workspaceRoot) : undefined;
    const bytes = await packBundle(assembly, release);
    if (bytes === undefined) {
      const text = `The assembly of ${project} is not stored: it is too large, or has assets of LegacyStackSynthesizer. The release can only be deployed from where the assembly is.`;
      listener({ type: 'message', level: 'warning', text });
    }
    const bundle = bytes && { release: digest, bytes };
    const records = await recordPublished(
      { release: digest, owner, source, bundle, stacks, destinations, signing, force, claims },
      dependencies,
    );
    await notePublished(assembly.directory, digest, destinations).catch((error: unknown) => {
      const text = `${assembly.directory} does not tell what was published (${(error as Error).message}); the records in the buckets do.`;
      listener({ type: 'message', level: 'warning', text });
    });
    const success = report.success && records.every(({ outcome }) => outcome !== 'failed');
    return { success, report: { ...report, release: digest, records } };

    /** Before anything is looked at: what is there must not be deleted meanwhile. */
    async function claim() {
      if (release === undefined) return undefined;
      const { files, images } = await destinationsOf(needed, dependencies.aws);
      const ids = new Set([...files, ...images].map(({ id }) => id));
      const further = furtherTargets(options, command);
      const about = { release: release.digest, owner, stacks, further, force };
      return claimPlaces({ ...about, isPart: (id) => ids.has(id) }, dependencies);
    }
  },
  { page: 'publish', leftOut: 'published' },
);

/**
 * All targets of the environment that is published for: a deployment that is limited to some of them finds the release
 * there, and that it has nothing to do.
 */
function furtherTargets(options: PublishExecutorSchema, command: Pick<Command, 'environments'>) {
  const { environmentsFile, environment, targets } = options;
  const isPart = parsePatterns(options.stacks).length > 0;
  if (environmentsFile === undefined || environment === undefined || isPart) return [];
  return placesOfTargets('file-publishing', {
    environments: command.environments(environmentsFile),
    environment,
    targets,
  });
}

/** The assets that the chosen stacks need in the chosen targets. */
function neededBy({ project, assembly, stacks, targets }: Scope) {
  const chosen = new Set(stacks);
  const needed = <Asset extends Scope['assembly']['files' | 'images'][number]>(assets: readonly Asset[]) =>
    assets.filter((asset) => asset.stacks.some((id) => chosen.has(id)) && (targets?.includes(asset.target) ?? true));
  const files = needed(assembly.files);
  const images = needed(assembly.images);
  const only = targets === undefined ? '' : `, only to ${targets.patterns.join(', ')}`;
  const subject = `${project}: ${files.length + images.length} assets of ${stacks.length} stacks${only}`;
  return { files, images, subject };
}
