import {
  INLINE_POLICIES_CHARACTERS,
  MANAGED_POLICIES_OF_A_ROLE,
  MANAGED_POLICY_CHARACTERS,
  shareAmongRoles,
  spreadPermission,
} from './spread-permission.ts';
import { PipelineError } from './pipeline-error.ts';

const ASSUME = ['sts:AssumeRole'];
const arns = (count: number, length = 93) =>
  Array.from({ length: count }, (_, index) => `arn:aws:iam::111111111111:role/${index}-`.padEnd(length, 'x'));

const characters = (resources: readonly string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Resource: resources }],
  }).length;

describe('a permission on many resources', () => {
  test('stays in the inline policy where it fits', () => {
    expect(spreadPermission(ASSUME, arns(5))).toEqual({ inline: arns(5), managed: [] });
  });

  test('is nothing for no resource', () => {
    expect(spreadPermission(ASSUME, [])).toEqual({ inline: [], managed: [] });
  });

  test.each([93, 60, 200])(
    'names each once, in order, in policies that IAM takes (ARNs of %i characters)',
    (length) => {
      const all = arns(300, length);
      const spread = spreadPermission(ASSUME, all)!;

      expect([...spread.inline, ...spread.managed.flat()]).toEqual(all);
      expect(characters(spread.inline)).toBeLessThan(INLINE_POLICIES_CHARACTERS);
      for (const policy of spread.managed) expect(characters(policy)).toBeLessThanOrEqual(MANAGED_POLICY_CHARACTERS);
      // As few as it takes: no policy but the last has room for one more.
      for (const policy of spread.managed.slice(0, -1)) {
        expect(characters([...policy, 'x'.repeat(length)])).toBeGreaterThan(MANAGED_POLICY_CHARACTERS - 5);
      }
    },
  );

  test('ends where a role ends: 687 publishing roles', () => {
    expect(spreadPermission(ASSUME, arns(687))?.managed).toHaveLength(MANAGED_POLICIES_OF_A_ROLE);
    expect(spreadPermission(ASSUME, arns(688))).toBeUndefined();
  });

  test('is refused for a resource that no policy takes', () => {
    expect(() => spreadPermission(ASSUME, arns(1, 7_000))).toThrow(PipelineError);
  });
});

describe('shares among roles', () => {
  const share = (count: number, each = 1) =>
    shareAmongRoles(
      ASSUME,
      Array.from({ length: count }, (_, index) => index),
      (item) => arns(each).map((arn) => `${arn.slice(0, -4)}${String(item).padStart(4, '0')}`),
    );

  test.each([
    [0, 1, []],
    [1, 1, [1]],
    [687, 1, [687]],
    [688, 1, [344, 344]],
    [1000, 1, [500, 500]],
    [1000, 2, [334, 334, 332]],
  ])('of %i items with %i resources each are equal and as few as it takes', (count, each, sizes) => {
    const shares = share(count, each);
    expect(shares.map(({ length }) => length)).toEqual(sizes);
    expect(shares.flat()).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test('never share one item, and say so where it is too much for a role', () => {
    expect(() => share(1, 800)).toThrow(/^One item alone needs more permissions/);
  });
});
