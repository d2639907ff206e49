/** How much of the resources of two templates has to be the same for one to be the other under another name. */
const ENOUGH = 2 / 3;

/** What `cdk synth` adds to every stack. */
const OF_CDK = 'AWS::CDK::Metadata';

/**
 * How much of the resources of two templates is the same, by logical id and type: 1 for all, 0 for too little to say
 * that a stack was renamed. Logical ids follow from the path of a construct within its stack, so a stack keeps them
 * under another name.
 *
 * @param stages names of the stages of an assembly. Stages have stacks of the same resources: what was in another one
 *   than `stage`, by the construct paths in its metadata, is no other name of a stack there
 */
export function likeness(
  wanted: string,
  deployed: string,
  { stage, stages }: { readonly stage: string | undefined; readonly stages: ReadonlySet<string> },
): number {
  const [ours, theirs] = [resourcesOf(wanted), resourcesOf(deployed)];
  const [former] = theirs.paths.map((path) => path.split('/')[0]!);
  if (former !== undefined && former !== stage && stages.has(former)) return 0;
  const both = [...ours.ids].filter((id) => theirs.ids.has(id)).length;
  const all = ours.ids.size + theirs.ids.size - both;
  return both > 0 && both / all >= ENOUGH ? both / all : 0;
}

interface Resource {
  readonly Type?: unknown;
  readonly Metadata?: { readonly 'aws:cdk:path'?: unknown };
}

function resourcesOf(text: string): { readonly ids: ReadonlySet<string>; readonly paths: readonly string[] } {
  const resources = Object.entries(readResources(text)).filter(([, one]) => one?.Type !== OF_CDK);
  const paths = resources.map(([, one]) => one?.Metadata?.['aws:cdk:path']).filter((path) => typeof path === 'string');
  return { ids: new Set(resources.map(([id, one]) => `${id} ${String(one?.Type)}`)), paths };
}

function readResources(text: string): Readonly<Record<string, Resource | null>> {
  try {
    const template = JSON.parse(text) as { Resources?: Record<string, Resource | null> } | null;
    return template?.Resources ?? {};
  } catch {
    // YAML that somebody deployed by hand: no template of an app.
    return {};
  }
}
