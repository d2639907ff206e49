import {
  Difference,
  DifferenceCollection,
  formatDifferences,
  type ITemplateDiff,
  PropertyDifference,
  ResourceDifference,
  TemplateDiff,
} from '@aws-cdk/cloudformation-diff';
import { registerSecret, withoutColours } from '../progress/index.ts';
import { templateSecrets } from './template-secrets.ts';
import { ValueMask } from './value-mask.ts';

/** Anything with a value before and after. */
interface Change {
  readonly oldValue?: unknown;
  readonly newValue?: unknown;
}

/** The differences of one section of a template, by logical id or name. */
type Section = { readonly changes?: Readonly<Record<string, Change>> } | undefined;

/** Where CDK's bootstrap stack keeps its version is no secret. */
const PUBLIC_PARAMETER = 'BootstrapVersion';

/**
 * The differences of stacks for people who must not see secrets, laid out as in `nx diff`. Values are hidden unless
 * they are known to be harmless; what is not understood is hidden.
 *
 * @param diffs what the CDK toolkit has found, by name of the stack
 * @param options.paths construct paths by logical id. @default - as far as the templates hold them
 * @param options.contextLines unchanged lines shown around a change. @default 3
 */
export function maskedDiff(
  diffs: Readonly<Record<string, ITemplateDiff>>,
  options: { readonly paths?: Readonly<Record<string, string>>; readonly contextLines?: number } = {},
): string {
  const forget = Object.values(diffs).flatMap((diff) => secretsOf(diff).map(registerSecret));
  try {
    const texts = Object.entries(diffs).map(([name, diff]) => {
      let text = `Stack ${name}\n`;
      const stream = { write: (part: string) => (text += part) } as unknown as NodeJS.WritableStream;
      formatDifferences(stream, masked(diff), { ...constructPaths(diff), ...options.paths }, options.contextLines);
      return withoutColours(text);
    });
    return texts.join('\n');
  } finally {
    for (const each of forget) each();
  }
}

/** The same differences of masked values. What CDK derives from them (its table of IAM changes) is masked too. */
function masked(diff: ITemplateDiff): TemplateDiff {
  const change = ({ oldValue, newValue }: Change, mask: (value: unknown) => unknown) =>
    new Difference(mask(oldValue), mask(newValue)) as never;
  const section = (name: keyof ITemplateDiff, one: (change: Change, id: string) => unknown) => {
    const changes = Object.entries((diff[name] as Section)?.changes ?? {});
    return new DifferenceCollection<never, never>(
      Object.fromEntries(changes.map(([id, each]) => [id, one(each, id) as never])),
    );
  };
  const plain = (each: Change, id: string, values = new ValueMask()) => change(each, (value) => values.mask(value, id));
  const text = (name: string, each: Change | undefined) => each && plain(each, name);
  return new TemplateDiff({
    awsTemplateFormatVersion: text('Version', diff.awsTemplateFormatVersion),
    description: text('Description', diff.description),
    transform: text('Transform', diff.transform),
    parameters: section('parameters', (each, id) =>
      plain(each, '', new ValueMask(id === PUBLIC_PARAMETER ? [] : ['Default', 'AllowedValues'])),
    ),
    outputs: section('outputs', plain),
    metadata: section('metadata', plain),
    mappings: section('mappings', plain),
    conditions: section('conditions', plain),
    resources: section('resources', (each) => maskedResource(each as ResourceDifference)),
    // CDK itself does not know these parts of a template.
    unknown: section('unknown', (each) => {
      const values = new ValueMask();
      return change(each, (value) => values.hide(value));
    }),
  });
}

function maskedResource(resource: ResourceDifference): ResourceDifference {
  const { oldValue, newValue, oldResourceType: oldType, newResourceType: newType } = resource;
  const changes = (differences: ResourceDifference['propertyUpdates']) =>
    Object.fromEntries(
      Object.entries(differences).map(([name, { oldValue: before, newValue: after, changeImpact }]) => {
        const values = new ValueMask();
        const [old, current] = [values.mask(before, name), values.mask(after, name)];
        return [name, new PropertyDifference(old, current, { changeImpact })];
      }),
    );
  const whole = new ValueMask();
  const shown = new ResourceDifference(whole.mask(oldValue, '') as never, whole.mask(newValue, '') as never, {
    resourceType: { oldType, newType },
    propertyDiffs: changes(resource.propertyUpdates),
    otherDiffs: changes(resource.otherChanges),
  });
  return Object.assign(shown, { isImport: resource.isImport, move: resource.move });
}

/** Secrets in the templates before and after, as far as they are part of the differences. */
function secretsOf({ parameters, resources }: ITemplateDiff): string[] {
  return (['oldValue', 'newValue'] as const).flatMap((side) => {
    const all = (section: Section) =>
      Object.fromEntries(Object.entries(section?.changes ?? {}).map(([id, each]) => [id, each[side]]));
    return templateSecrets({ Parameters: all(parameters), Resources: all(resources) });
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
