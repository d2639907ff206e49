import { hash } from 'node:crypto';
import { keyOf, METADATA, type TemplateResource, type TemplateStack } from './model.ts';
import { anonymizer } from './references.ts';

/** What a resource is, and what it uses. */
interface Node {
  readonly own: string;
  /** In the order in which they stand there: which one is used where makes a difference. */
  readonly uses: readonly string[];
  /** In no order: CDK sorts them by their names. */
  readonly waitsFor: readonly string[];
}

/**
 * Digests of resources that stay the same when something gets another name or place: of the type, of all that the
 * resource says of itself without names, and of the digests of what it uses. This is the rule of the CDK toolkit
 * (https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/toolkit-lib/lib/api/refactoring/digest.ts), and
 * somewhat stricter: which attribute is used counts, and which parameter. Names in `Fn::Sub` are names too.
 *
 * @param direction `users`: of what a resource is used by, in place of what it uses
 * @returns by key of the location, see `keyOf`
 */
export function digestsOf(
  stacks: readonly TemplateStack[],
  direction: 'uses' | 'users' = 'uses',
): ReadonlyMap<string, string> {
  const nodes = nodesOf(stacks);
  const users = new Map([...nodes.keys()].map((key): [string, string[]] => [key, []]));
  for (const [key, { uses, waitsFor }] of nodes) for (const used of [...uses, ...waitsFor]) users.get(used)!.push(key);
  const digests = new Map<string, string>();
  const digestOf = (key: string): string => {
    const known = digests.get(key);
    if (known !== undefined) return known;
    const { own, uses, waitsFor } = nodes.get(key)!;
    // CloudFormation has no circles. A template that has one is refused there; here it must come to an end.
    digests.set(key, own);
    const neighbours =
      direction === 'uses'
        ? [uses.map(digestOf), waitsFor.map(digestOf).toSorted()]
        : users.get(key)!.map(digestOf).toSorted();
    const digest = hash('sha256', JSON.stringify([own, neighbours]));
    digests.set(key, digest);
    return digest;
  };
  for (const key of nodes.keys()) digestOf(key);
  return digests;
}

function nodesOf(stacks: readonly TemplateStack[]): Map<string, Node> {
  const anonymous = anonymizer(stacks);
  const nodes = new Map<string, Node>();
  for (const { stackName, template } of stacks) {
    for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
      if (resource.Type === METADATA) continue;
      const { value, resources } = anonymous(stackName, withoutNames(resource));
      const waitsFor = [resource.DependsOn ?? []].flat().map((id) => keyOf({ stackName, logicalId: id }));
      const own = hash('sha256', canonical(value));
      nodes.set(keyOf({ stackName, logicalId }), { own, uses: resources, waitsFor });
    }
  }
  const others = (keys: readonly string[], self: string) => keys.filter((key) => key !== self && nodes.has(key));
  return new Map(
    [...nodes].map(([self, { own, uses, waitsFor }]) => [
      self,
      { own, uses: others(uses, self), waitsFor: others(waitsFor, self) },
    ]),
  );
}

function withoutNames({ DependsOn, Metadata, ...rest }: TemplateResource): object {
  const metadata = Object.fromEntries(Object.entries(Metadata ?? {}).filter(([key]) => key !== 'aws:cdk:path'));
  return { ...rest, waits: [DependsOn ?? []].flat().length, metadata };
}

/** The same text for the same value, whatever the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
