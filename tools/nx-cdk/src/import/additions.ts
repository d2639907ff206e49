import { type AssemblyStack, list } from '../assembly/index.ts';
import { MAXIMUM_BODY, sameTemplate } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';

/** A resource as a template has it. */
interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

type Template = { readonly Resources?: Readonly<Record<string, TemplateResource>> } & Readonly<Record<string, unknown>>;

/** A resource that is in the template of the app and not in the stack: it may be there already, and be imported. */
export interface Addition {
  readonly logicalId: string;
  readonly resourceType: string;
  /** `staging/Data/Bucket/Resource`, or the logical id of a resource without a path. */
  readonly name: string;
  /** Its properties that are plain texts. */
  readonly texts: Readonly<Record<string, string>>;
}

/** What an import may take in, and what else differs. */
export interface Difference {
  readonly additions: readonly Addition[];
  /** Names of resources that are changed or removed, which an import leaves as they are. */
  readonly others: readonly string[];
}

/** Nobody has made it, and it never counts. */
const METADATA = 'AWS::CDK::Metadata';

/**
 * Compares the template of the app with that of the stack.
 *
 * @param deployed undefined if there is no stack yet
 * @throws Failure `NotImportable` if the deployed one is no JSON
 */
export function differenceOf(stack: AssemblyStack, wanted: string, deployed: string | undefined): Difference {
  const after = (JSON.parse(wanted) as Template).Resources ?? {};
  const before = deployedTemplate(stack.id, deployed).Resources ?? {};
  const nameOf = (id: string) => stack.resources.get(id)?.constructPath ?? id;
  const counts = ([, { Type }]: [string, TemplateResource]) => Type !== METADATA;
  const additions = Object.entries(after)
    .filter(counts)
    .filter(([id]) => before[id] === undefined)
    .map(([logicalId, { Type: resourceType, Properties = {} }]) => {
      const texts = Object.entries(Properties).filter(([, value]) => typeof value === 'string') as [string, string][];
      return { logicalId, resourceType, name: nameOf(logicalId), texts: Object.fromEntries(texts) };
    });
  const others = Object.entries(before)
    .filter(counts)
    .filter(([id, one]) => after[id] === undefined || !sameTemplate(JSON.stringify(after[id]), JSON.stringify(one)))
    .map(([id]) => nameOf(id));
  return { additions, others };
}

/**
 * The template of the stack with the resources that are imported, and nothing else of the app: CloudFormation takes no
 * other change beside an import. A new stack has no outputs yet, which may need what is not imported. What names no
 * policy is retained if it is ever removed, as with the CDK CLI (`addDefaultDeletionPolicy` in its `importer.ts`).
 *
 * @throws Failure `NotImportable`, `TemplateTooLarge`
 */
export function importTemplate(
  stack: AssemblyStack,
  wanted: string,
  deployed: string | undefined,
  logicalIds: readonly string[],
): string {
  const app = JSON.parse(wanted) as Template;
  const { Resources: all = {} } = app;
  const rest = { ...app, Outputs: undefined, Rules: undefined, Resources: {} };
  const base = deployed === undefined ? rest : deployedTemplate(stack.id, deployed);
  const imported = logicalIds.map((id) => [id, { DeletionPolicy: 'Retain', ...all[id]! }] as const);
  const Resources = { ...(base as Template).Resources, ...Object.fromEntries(imported) };
  const text = JSON.stringify({ ...base, Resources });
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAXIMUM_BODY) return text;
  throw new Failure('TemplateTooLarge', {
    subject: stack.id,
    what: `its template with what is imported has ${bytes} bytes, and only ${MAXIMUM_BODY} go without a bucket`,
    next: `use nx cdk <project> -- import ${stack.id}, which publishes it`,
  });
}

function deployedTemplate(subject: string, text: string | undefined): Template {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Template;
  } catch (cause) {
    const what = 'the template of the stack is no JSON, so it was not deployed by a CDK app';
    throw new Failure(
      'NotImportable',
      { subject, what, next: 'deploy the app once without the new resources' },
      { cause },
    );
  }
}

/** @throws Failure `NotOnlyImports` naming what else the app would change */
export function requireOnlyAdditions(stack: AssemblyStack, { others }: Difference): void {
  if (others.length === 0) return;
  throw new Failure('NotOnlyImports', {
    subject: stack.id,
    what: `the app changes or removes other resources too (${list(others)}), which an import leaves as they are`,
    next: 'deploy these first, or import all the same with --force and deploy them afterwards',
  });
}
