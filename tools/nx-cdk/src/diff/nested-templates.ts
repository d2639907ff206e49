import { dirname, join } from 'node:path';
import { AssemblyFolder, type AssemblyStack, readData } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';

interface Template {
  readonly Resources?: Readonly<Record<string, { Type?: unknown; Metadata?: { 'aws:asset:path'?: unknown } } | null>>;
}

/**
 * Refuses an assembly whose templates name a nested one that is outside of it, or that holds itself. The toolkit reads
 * nested templates from where the metadata says, wherever that is, and shows what they hold.
 *
 * @throws Failure `OutsideAssembly`, `BrokenAssembly`
 */
export async function checkNestedTemplates(
  directory: string,
  stacks: readonly Pick<AssemblyStack, 'templateFile' | 'manifestFile'>[],
): Promise<void> {
  const folder = new AssemblyFolder(directory);
  for (const { templateFile, manifestFile } of stacks) await check(templateFile, dirname(manifestFile), folder, []);
}

async function check(file: string, level: string, folder: AssemblyFolder, above: readonly string[]): Promise<void> {
  if (above.includes(file)) {
    const next = 'synthesize again (nx synth <project>)';
    throw new Failure('BrokenAssembly', { what: `The template ${file} is nested in itself`, next });
  }
  const { Resources: resources } = (await templateIn(file)) ?? {};
  for (const [id, resource] of Object.entries(resources ?? {})) {
    const path = resource?.Metadata?.['aws:asset:path'];
    if (resource?.Type !== 'AWS::CloudFormation::Stack' || typeof path !== 'string') continue;
    const nested = folder.inside(join(level, path), `${file} names as template of ${id}`);
    await check(nested, level, folder, [...above, file]);
  }
}

/** Undefined if it cannot be read: comparing the stack says why. */
async function templateIn(file: string): Promise<Template | undefined> {
  try {
    return JSON.parse((await readData(file)).toString()) as Template;
  } catch {
    return undefined;
  }
}
