import { type Assembly, type AssemblyStack, type PromotionGroup, readData } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Architecture, DrawnStack, Kind, Link } from './model.ts';
import { exportsIn, importsIn, type NamedValue, typesIn } from './template.ts';

/**
 * What an assembly says of its stacks and how they need each other.
 *
 * @param environments those of the environments file. @default - a stack is held by the stage that its id begins with
 * @throws Failure `BrokenAssembly` if a template cannot be read
 */
export async function readArchitecture(
  { stacks }: Pick<Assembly, 'stacks'>,
  environments: readonly PromotionGroup[] = [],
): Promise<Architecture> {
  const named = new Map(environments.flatMap(({ name, stackIds }) => stackIds.map((id) => [id, name] as const)));
  const drawn: DrawnStack[] = [];
  const imports = new Map<string, readonly NamedValue[]>();
  /** Who exports a value, by its target and its name. */
  const exporters = new Map<string, string>();
  // One template at a time: an assembly may hold hundreds of megabytes of them.
  for (const stack of stacks) {
    const { id, stackName, target } = stack;
    const template = await readTemplate(stack);
    imports.set(id, importsIn(template));
    for (const { key } of exportsIn(template)) exporters.set(placeOf(stack, key), id);
    const environment = named.get(id) ?? stageOf(id);
    drawn.push({
      id,
      stackName,
      ...target,
      ...(environment !== undefined && { environment }),
      kinds: kindsOf(typesIn(template)),
    });
  }
  const linked = stacks.map((stack) => linksOf(stack, imports.get(stack.id)!, exporters));
  const byId = new Map(drawn.map((stack) => [stack.id, stack]));
  return {
    stacks: drawn,
    links: linked.flatMap(({ needs }, index) => {
      const from = drawn[index]!;
      return [...needs].map(([id, names]): Link => {
        const to = byId.get(id)!;
        const across = (['account', 'region'] as const).filter((part) => from[part] !== to[part]);
        return { from: from.id, to: id, imports: names.toSorted(), across };
      });
    }),
    outside: linked.flatMap(({ missing }, index) => missing.map((name) => ({ stack: drawn[index]!.id, name }))),
  };
}

async function readTemplate({ id, templateFile }: AssemblyStack): Promise<unknown> {
  try {
    return JSON.parse((await readData(templateFile)).toString()) as unknown;
  } catch (cause) {
    const what = `The template ${templateFile} of ${id} cannot be read: ${(cause as Error).message}`;
    throw new Failure('BrokenAssembly', { what, next: 'synthesize again' }, { cause });
  }
}

/** The stacks that a stack needs, each with what is imported from it, and what is imported from elsewhere. */
function linksOf(stack: AssemblyStack, imports: readonly NamedValue[], exporters: ReadonlyMap<string, string>) {
  const needs = new Map<string, string[]>(stack.dependencies.map((id) => [id, []]));
  const missing: string[] = [];
  for (const { key, name } of imports) {
    const exporter = exporters.get(placeOf(stack, key));
    if (exporter === undefined) missing.push(name);
    else if (exporter !== stack.id) needs.set(exporter, [...(needs.get(exporter) ?? []), name]);
  }
  needs.delete(stack.id);
  return { needs, missing };
}

/** An export has its name in one account and region. */
function placeOf({ target: { account, region } }: Pick<AssemblyStack, 'target'>, key: string): string {
  return JSON.stringify([account, region, key]);
}

/** Which environment holds a stack where no file says it. */
function stageOf(id: string): string | undefined {
  return id.includes('/') ? id.split('/')[0] : undefined;
}

/** What CDK puts into each stack to count its constructs. */
const METADATA = 'AWS::CDK::Metadata';

function kindsOf(types: Iterable<string>): Kind[] {
  const groups = Map.groupBy(types, (type) => type);
  groups.delete(METADATA);
  return [...groups]
    .map(([type, { length: count }]) => ({ type, count }))
    .toSorted((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
}
