import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { type Target, readAssembly } from '../../assembly/index.ts';
import { Buckets } from '../../aws/index.ts';
import { chooseTargets } from '../../command/choose-targets.ts';
import { openRelease } from '../../command/open-release.ts';
import { chooseStacks } from '../../command/promotion.ts';
import { releaseSigning } from '../../command/release-signing.ts';
import { runCommand } from '../../command/run-command.ts';
import { publish } from '../../publish/index.ts';
import { contentCheck, notePublished, recordPublished } from '../../release/index.ts';
import type { PublishExecutorSchema } from './schema.d.ts';

/** Uploads what the selected stacks need. Assumes only publishing roles. */
export default async function publishExecutor(options: PublishExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, projectName, listener, signal, aws }) => {
    const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const { stackIds } = await chooseStacks(
      workspaceRoot,
      assembly,
      {
        ...options,
        exclusively: options.exclusively ?? false,
      },
      listener,
    );
    const chosen = new Set(stackIds);
    const isNeeded = (asset: { readonly stacks: readonly string[] }) => asset.stacks.some((id) => chosen.has(id));
    const needed = { files: assembly.files.filter(isNeeded), images: assembly.images.filter(isNeeded) };
    const stacks = assembly.stacks.filter(({ id }) => chosen.has(id));
    const places = [...stacks, ...needed.files, ...needed.images].map(({ target }) => target);
    const choice = await chooseTargets(workspaceRoot, places, options, aws);
    const isThere = ({ target }: { readonly target: Target }) => choice?.includes(target) ?? true;
    const files = needed.files.filter(isThere);
    const images = needed.images.filter(isThere);
    const only = choice === undefined ? '' : `, only to ${choice.patterns.join(', ')}`;
    // Content is compared when it is read to be published: once is enough.
    const signing = await releaseSigning(workspaceRoot, options);
    const release = await openRelease(assembly, listener, {
      files: false,
      ...(signing === undefined ? {} : { requiredBy: `The signing key ${signing.key}` }),
    });
    const buckets = new Buckets();
    const report = await publish(
      {
        files,
        images,
        subject: `${projectName}: ${files.length + images.length} assets of ${stackIds.length} stacks${only}`,
        limits: limitsOf(options),
        workingDirectory: projectRoot,
        ...(release === undefined ? {} : { accept: contentCheck(assembly, release) }),
        dryRun: options.dryRun ?? false,
        force: options.force ?? false,
      },
      { aws: await aws(), listener, signal, buckets },
    );
    if (release === undefined || options.dryRun === true) return { success: report.success, report };
    const { digest } = release;
    const { destinations } = report;
    const records = await recordPublished(
      { release: digest, stacks, destinations, signing, force: options.force ?? false },
      { aws: await aws(), listener, signal, buckets },
    );
    await notePublished(assembly.directory, digest, destinations).catch((error: unknown) => {
      const text = `${assembly.directory} does not tell what was published (${(error as Error).message}); the records in the buckets do.`;
      listener({ type: 'message', level: 'warning', text });
    });
    const success = report.success && records.every(({ outcome }) => outcome !== 'failed');
    return { success, report: { ...report, release: digest, records } };
  });
}

/** Only the limits that are given: the engine knows the defaults. */
function limitsOf(options: PublishExecutorSchema): Record<string, number> {
  const { buildConcurrency: build, zipConcurrency: zip, uploadConcurrency: upload } = options;
  return Object.fromEntries(
    Object.entries({ build, zip, upload }).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
