import {
  type ChangeSet,
  deployAction,
  type DesiredStack,
  desiredStack,
  type ExistingState,
  MAXIMUM_BODY,
  parseTemplate,
  type StackState,
  type StackTemplate,
  templateBetween,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { pendingStacks, type StackRun } from './run-stacks.ts';

/** Exports that a stack loses, and that are still imported when it is its turn. They go in a second step. */
export interface KeptExports {
  readonly names: readonly string[];
  /** Ids of the stacks of this run that import them now, and not any more when they are deployed. */
  readonly importers: ReadonlySet<string>;
  /** The stack as it is wanted until then. */
  readonly desired: DesiredStack;
}

/**
 * Finds exports that are in use, before anything changes. CloudFormation refuses to remove them after it has updated
 * all resources: the stack that exports goes before those that import, so their imports are still there
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html).
 *
 * Costs a request for each export that is to go, and one for the template of each stack that has to keep some.
 */
export class ExportsInUse {
  readonly #run: StackRun;
  #found: Promise<ReadonlyMap<string, KeptExports>> | undefined;

  constructor(run: StackRun) {
    this.#run = run;
  }

  /**
   * The exports that go in two steps, by the id of their stack.
   *
   * @throws Failure `ExportInUse` if a stack loses an export that somebody imports, and two steps would not help
   */
  find(): Promise<ReadonlyMap<string, KeptExports>> {
    return (this.#found ??= this.#look());
  }

  /** What `find` has found; nothing if nobody has asked, or if it refused: then nothing of the run has changed. */
  async found(): Promise<ReadonlyMap<string, KeptExports>> {
    return (await this.#found?.catch(() => undefined)) ?? new Map();
  }

  async #look(): Promise<ReadonlyMap<string, KeptExports>> {
    const pending = await pendingStacks(this.#run);
    const kept = await Promise.all(
      pending.map(async (state) => [state.desired.resolved.stack.id, await this.#keptBy(state)] as const),
    );
    return new Map(kept.flatMap(([id, exports]) => (exports === undefined ? [] : [[id, exports]])));
  }

  async #keptBy(state: StackState): Promise<KeptExports | undefined> {
    const { cloudFormation, current, desired } = state;
    // A stack that is created anew exports nothing until then.
    if (current === undefined || deployAction(current) !== 'update') return undefined;
    const lost = lostExports(current.exports, desired.template);
    const used = await Promise.all(
      lost.map(async ([name, key]) => ({ name, key, importers: await cloudFormation.importers(name) })),
    );
    const inUse = used.filter(({ importers }) => importers.length > 0);
    if (inUse.length === 0) return undefined;
    const importers = new Set<string>();
    for (const { name, importers: stackNames } of inUse) {
      for (const stackName of stackNames) importers.add(await this.#letsGo(state, name, stackName));
    }
    const names = inUse.map(({ name }) => name);
    const keys = inUse.map(({ key }) => key);
    return { names, importers, desired: await this.#between({ ...state, current }, names, keys) };
  }

  /** Id of the stack of this run that will not import an export any more. @throws Failure `ExportInUse` */
  async #letsGo({ desired: { resolved } }: StackState, name: string, stackName: string): Promise<string> {
    const { stack, targetName } = resolved;
    const inUse = `its new template no longer exports ${name}, which the stack ${stackName} in ${targetName} imports`;
    const importer = this.#run.opened.all.find(({ resolved: other }) => {
      return other.targetName === targetName && other.stack.stackName === stackName;
    })?.resolved.stack;
    const refuse = (what: string, next: string) => new Failure('ExportInUse', { subject: stack.id, what, next });
    if (importer === undefined) {
      const elsewhere = this.#run.request.assembly.stacks.find((other) => other.stackName === stackName);
      const next = elsewhere
        ? `deploy ${elsewhere.id} in the same run: then it is done in two steps`
        : `keep the export (this.exportValue in ${stack.id}) until that stack is deployed without the import`;
      throw refuse(`${inUse}, and which is not part of this run`, next);
    }
    const template = await this.#run.desired(importer.id).then((desired) => desired.template);
    if (!imports(template, name)) return importer.id;
    throw refuse(`${inUse}, and still imports in its new template`, `synthesize both stacks together`);
  }

  /** @throws Failure `ExportInUse` if the stack cannot keep them for a while */
  async #between({ cloudFormation, current, desired }: ExistingState, names: readonly string[], keys: string[]) {
    const { resolved, template, parameters } = desired;
    const { id } = resolved.stack;
    const deployed = await cloudFormation.originalTemplate(current.id);
    const between = templateBetween(template.text(), deployed, keys);
    const why = 'why' in between ? between.why : tooLarge(Buffer.byteLength(between.text));
    if ('text' in between && why === undefined) {
      return desiredStack(resolved, parseTemplate(Buffer.from(between.text)), parameters);
    }
    throw new Failure('ExportInUse', {
      subject: id,
      what: `it loses exports that are in use (${names.join(', ')}), and cannot keep them for a while: ${why}`,
      next: `deploy twice: first with this.exportValue in ${id} for what is exported, so that the others let go of it, then without`,
    });
  }
}

/** `keeps Data:Queue until Service does not import it` */
export function twoStepsNote({ names, importers }: KeptExports): string {
  return `two steps: keeps its exports ${names.join(', ')} until ${[...importers].join(', ')} no longer imports them`;
}

function tooLarge(bytes: number): string | undefined {
  if (bytes <= MAXIMUM_BODY) return undefined;
  return `that template would have ${bytes} bytes, and only ${MAXIMUM_BODY} go without a bucket`;
}

/** Names and output keys of exports that a template does not have. A name that is no text may be any. */
function lostExports(
  deployed: Readonly<Record<string, string>>,
  { exports }: StackTemplate,
): (readonly [name: string, key: string])[] {
  const names = new Set(exports.values());
  return Object.entries(deployed).filter(
    ([name, key]) => !names.has(name) && !(exports.has(key) && exports.get(key) === undefined),
  );
}

/** Whether a template imports an export. */
function imports(template: StackTemplate, name: string): boolean {
  return importsOf(template.text()).has(name);
}

/** Names of the exports that a template imports, as far as they stand there as texts. */
export function importsOf(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  if (!text.includes('Fn::ImportValue')) return names;
  const search = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (key === 'Fn::ImportValue' && typeof value === 'string') names.add(value);
      else search(value);
    }
  };
  search(JSON.parse(text));
  return names;
}

/**
 * Refuses to replace a resource whose export is in use: it would get another value, and the update would fail after
 * that. Asks for nothing unless a resource behind an export is replaced.
 *
 * @throws Failure `ExportInUse`
 */
export async function refuseReplacedExports(
  { cloudFormation, desired, current }: StackState,
  { changes }: ChangeSet,
): Promise<void> {
  const replaced = changes.resources.filter(({ replacement }) => replacement === 'always');
  const exported = Object.entries(current?.exports ?? {});
  if (replaced.length === 0 || exported.length === 0) return;
  const { Outputs = {} } = JSON.parse(desired.template.text()) as { Outputs?: Record<string, { Value?: unknown }> };
  const { stack, targetName } = desired.resolved;
  for (const [name, key] of exported) {
    const value = JSON.stringify(Outputs[key]?.Value ?? '');
    const resource = replaced.find(({ logicalId }) => new RegExp(`["{]${logicalId}["}.]`).test(value));
    if (resource === undefined) continue;
    const [importer] = await cloudFormation.importers(name);
    if (importer === undefined) continue;
    const what = `${resource.constructPath ?? resource.logicalId} would be replaced, and its export ${name} is in use by the stack ${importer} in ${targetName}`;
    const next =
      'deploy in two steps: first with the new resource beside the old one, under another id, which the others import; then without the old one';
    throw new Failure('ExportInUse', { subject: stack.id, what, next });
  }
}
