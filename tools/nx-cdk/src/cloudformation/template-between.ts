/** As much of a template as decides which parts of another one it needs. */
type Section = 'Resources' | 'Parameters' | 'Conditions' | 'Mappings';
type Template = Partial<Record<Section | 'Outputs', Record<string, unknown>>>;

/** A template in between, or why there is none, as the end of a sentence. */
export type Between = { readonly text: string } | { readonly why: string };

/**
 * The wanted template with outputs of the deployed one, and with what those refer to if the wanted one has lost it.
 * Made of these two templates and nothing else: it changes what the wanted one changes, and removes less.
 *
 * @param keys of the outputs that stay
 */
export function templateBetween(wanted: string, deployed: string, keys: readonly string[]): Between {
  const old = parse(deployed);
  if (old === undefined) return { why: 'the deployed template is no JSON' };
  const between = parse(wanted) ?? {};
  for (const key of keys) {
    const output = old.Outputs?.[key];
    if (output === undefined) return { why: `the deployed template has no output ${key}` };
    if (between.Outputs?.[key] !== undefined) return { why: `the new template has another output ${key}` };
    (between.Outputs ??= {})[key] = output;
    const why = keepReferences(output, old, between);
    if (why !== undefined) return { why };
  }
  return { text: JSON.stringify(between) };
}

/** Copies what a part of a template refers to. @returns why that is not possible */
function keepReferences(part: unknown, old: Template, between: Template): string | undefined {
  for (const [section, name] of referencesOf(part)) {
    const from = section ?? (old.Resources?.[name] === undefined ? 'Parameters' : 'Resources');
    const needed = old[from]?.[name];
    const there = between[from]?.[name];
    if (needed === undefined || there !== undefined) {
      const [before, after] = [needed, there].map((one) => (one as { Type?: unknown } | undefined)?.Type);
      if (from === 'Resources' && before !== after) return `${name} is ${String(after)} in the new template`;
      continue;
    }
    // What it imports would be in use for longer than anybody has looked at.
    if (JSON.stringify(needed).includes('"Fn::ImportValue"')) return `${name} imports something itself`;
    (between[from] ??= {})[name] = needed;
    const why = keepReferences(needed, old, between);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** What a part of a template refers to; without a section, a resource or a parameter. */
function referencesOf(part: unknown): (readonly [Section | undefined, string])[] {
  if (Array.isArray(part)) return part.flatMap(referencesOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    const inner = referencesOf(value);
    if (key === 'Ref' && typeof value === 'string') return [[undefined, value] as const];
    if (key === 'Fn::GetAtt') return [['Resources', String(first).split('.')[0]!] as const, ...inner];
    if (key === 'DependsOn') return [value].flat().map((name) => ['Resources', String(name)] as const);
    if (key === 'Condition' && typeof value === 'string') return [['Conditions', value] as const];
    if (key === 'Fn::If' && typeof first === 'string') return [['Conditions', first] as const, ...inner];
    if (key === 'Fn::FindInMap' && typeof first === 'string') return [['Mappings', first] as const, ...inner];
    if (key !== 'Fn::Sub' || typeof first !== 'string') return inner;
    const names = [...first.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name!.split('.')[0]!);
    return [...names.map((name) => [undefined, name] as const), ...inner];
  });
}

function parse(text: string): Template | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
