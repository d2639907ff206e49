import { stripVTControlCharacters } from 'node:util';
import type * as CloudFormationDiff from '@aws-cdk/cloudformation-diff';
import type { ITemplateDiff, ResourceDifference } from '@aws-cdk/cloudformation-diff';
import { registerSecret } from '../progress/index.ts';
import { templateSecrets } from './template-secrets.ts';
import { ValueMask } from './value-mask.ts';

/** CDK's differences and how they are laid out; imported late, since only a masked diff needs them. */
type Library = typeof CloudFormationDiff;

/** Anything with a value before and after. */
interface Change {
  readonly oldValue?: unknown;
  readonly newValue?: unknown;
}

/** Where CDK's bootstrap stack keeps its version is known to everybody. */
const PUBLIC_PARAMETER = 'BootstrapVersion';

/**
 * The differences of stacks for people who must not see secrets. Laid out as `nx diff` does, with logical ids and
 * property paths; values are hidden unless they are known to be harmless. What is not understood is hidden.
 *
 * @param diffs what the CDK toolkit has found, by name of the stack
 * @param paths construct paths by logical id. @default - as far as the templates hold them
 * @param contextLines unchanged lines shown around a change. @default 3
 */
export async function maskedDiff(
  diffs: Readonly<Record<string, ITemplateDiff>>,
  {
    paths = {},
    contextLines,
  }: { readonly paths?: Readonly<Record<string, string>>; readonly contextLines?: number } = {},
): Promise<string> {
  const library = await import('@aws-cdk/cloudformation-diff');
  const forget = Object.values(diffs).flatMap((diff) => secretsOf(diff).map(registerSecret));
  try {
    return Object.entries(diffs)
      .map(
        ([name, diff]) =>
          `Stack ${name}\n${textOf(library, diff, { ...constructPaths(diff), ...paths }, contextLines)}`,
      )
      .join('\n');
  } finally {
    for (const each of forget) each();
  }
}

function textOf(
  library: Library,
  diff: ITemplateDiff,
  paths: Record<string, string>,
  contextLines: number | undefined,
): string {
  let text = '';
  const stream = { write: (part: string) => (text += part) } as unknown as NodeJS.WritableStream;
  library.formatDifferences(stream, masked(library, diff), paths, contextLines);
  return stripVTControlCharacters(text);
}

/** The same differences of masked values. What CDK derives of them, such as its table of IAM changes, is masked too. */
function masked({ Difference, DifferenceCollection, TemplateDiff, ...library }: Library, diff: ITemplateDiff) {
  type Section = InstanceType<typeof DifferenceCollection<never, never>>;
  const change = ({ oldValue, newValue }: Change, mask: (value: unknown) => unknown) =>
    new Difference(mask(oldValue), mask(newValue)) as never;
  const section = (name: keyof ITemplateDiff, one: (change: Change, id: string) => unknown): Section => {
    const { changes = {} } = (diff[name] ?? {}) as { changes?: Readonly<Record<string, Change>> };
    return new DifferenceCollection(
      Object.fromEntries(Object.entries(changes).map(([id, each]) => [id, one(each, id) as never])),
    );
  };
  const plain = (each: Change, id: string) => {
    const values = new ValueMask();
    return change(each, (value) => values.mask(value, id));
  };
  const text = (name: string, each: Change | undefined) => each && plain(each, name);
  return new TemplateDiff({
    awsTemplateFormatVersion: text('Version', diff.awsTemplateFormatVersion),
    description: text('Description', diff.description),
    transform: text('Transform', diff.transform),
    parameters: section('parameters', (each, id) => {
      const values = new ValueMask(id === PUBLIC_PARAMETER ? [] : ['Default', 'AllowedValues']);
      return change(each, (value) => values.mask(value, ''));
    }),
    outputs: section('outputs', plain),
    metadata: section('metadata', plain),
    mappings: section('mappings', plain),
    conditions: section('conditions', plain),
    resources: section('resources', (each) => maskedResource(library, each as ResourceDifference)),
    // CDK itself does not know these parts of a template.
    unknown: section('unknown', (each) => {
      const values = new ValueMask();
      return change(each, (value) => values.hide(value));
    }),
  });
}

function maskedResource(
  { PropertyDifference, ResourceDifference }: Pick<Library, 'PropertyDifference' | 'ResourceDifference'>,
  resource: ResourceDifference,
): ResourceDifference {
  const { oldValue, newValue, oldResourceType: oldType, newResourceType: newType } = resource;
  const values = (name: string) => {
    const mask = new ValueMask();
    return (value: unknown) => mask.mask(value, name);
  };
  const changes = (differences: ResourceDifference['propertyUpdates']) =>
    Object.fromEntries(
      Object.entries(differences).map(([name, { oldValue: before, newValue: after, changeImpact }]) => {
        const mask = values(name);
        return [name, new PropertyDifference(mask(before), mask(after), { changeImpact })];
      }),
    );
  const whole = values('');
  const shown = new ResourceDifference(whole(oldValue) as never, whole(newValue) as never, {
    resourceType: { oldType, newType },
    propertyDiffs: changes(resource.propertyUpdates),
    otherDiffs: changes(resource.otherChanges),
  });
  return Object.assign(shown, { isImport: resource.isImport, move: resource.move });
}

/** Secrets in the templates before and after, as far as they are part of the differences. */
function secretsOf(diff: ITemplateDiff): string[] {
  return (['oldValue', 'newValue'] as const).flatMap((side) => {
    const all = ({ changes = {} }: { readonly changes?: Readonly<Record<string, Change>> } = {}) =>
      Object.fromEntries(Object.entries(changes).map(([id, each]) => [id, each[side]]));
    return templateSecrets({ Parameters: all(diff.parameters), Resources: all(diff.resources) });
  });
}

/** Construct paths by logical id, from what CDK leaves in a template. */
function constructPaths({ resources }: ITemplateDiff): Record<string, string> {
  const found = Object.entries(resources?.changes ?? {}).map(([id, { newValue, oldValue }]) => {
    const { Metadata } = (newValue ?? oldValue ?? {}) as { Metadata?: Readonly<Record<string, unknown>> };
    return [id, Metadata?.['aws:cdk:path']] as const;
  });
  return Object.fromEntries(found.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
