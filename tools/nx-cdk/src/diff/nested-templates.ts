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
 * @param bring is called with each nested template before it is read, after its place was found to be inside
 * @throws Failure `OutsideAssembly`, `BrokenAssembly`; what `bring` throws
 */
export async function checkNestedTemplates<Stack extends Pick<AssemblyStack, 'templateFile' | 'manifestFile'>>(
  directory: string,
  stacks: readonly Stack[],
  bring: (stack: Stack, file: string) => Promise<void> = async () => undefined,
): Promise<void> {
  const folder = new AssemblyFolder(directory);
  for (const stack of stacks) {
    const level = dirname(stack.manifestFile);
    await check(stack.templateFile, { level, folder, left: MOST, bring: (file) => bring(stack, file) }, []);
  }
}

/**
 * Nested stacks below one stack. CloudFormation works on no more resources at a time
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html). The toolkit reads a
 * template again for each stack of it: ten that each name the next one three times would keep it busy for an hour.
 */
const MOST = 2500;

/** What is known while the templates below one stack are read. */
interface Reading {
  /** Folder of the manifest, from which paths go. */
  readonly level: string;
  readonly folder: AssemblyFolder;
  /** How many more there may be. */
  left: number;
  readonly bring: (file: string) => Promise<void>;
}

async function check(file: string, reading: Reading, above: readonly string[]): Promise<void> {
  const { level, folder } = reading;
  reading.left -= 1;
  if (above.includes(file) || reading.left < 0) {
    const next = 'synthesize again (nx synth <project>)';
    const what = above.includes(file)
      ? `The template ${file} is nested in itself`
      : `The template ${above[0] ?? file} holds more than ${MOST} nested ones`;
    throw new Failure('BrokenAssembly', { what, next });
  }
  const { Resources: resources } = (await templateIn(file)) ?? {};
  for (const [id, resource] of Object.entries(resources ?? {})) {
    const path = resource?.Metadata?.['aws:asset:path'];
    if (resource?.Type !== 'AWS::CloudFormation::Stack' || typeof path !== 'string') continue;
    const nested = folder.inside(join(level, path), `${file} names as template of ${id}`);
    await reading.bring(nested);
    await check(nested, reading, [...above, file]);
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
