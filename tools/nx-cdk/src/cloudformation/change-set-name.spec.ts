import {
  changeSetName,
  ownerOfInstance,
  parseChangeSetName,
  parseInstance,
  type StackOwner,
  stackOwner,
} from './change-set-name.ts';

const DIGEST = 'd'.repeat(32);
const NOW = Date.parse('2026-01-01T00:00:00Z');
/** How a version that knew no owners reads a name. */
const EARLIER = /^nx-cdk-([0-9a-f]{32})-([0-9a-z]+)$/;

/** The longest that can be known of an instance. */
const LONGEST = { instance: 'pr-12-of-a-long-name', expiresAt: NOW, commit: '0123456789ab' };

const idOf = (name: string) => `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${name}/uuid`;
const read = (owner?: StackOwner, release?: string) =>
  parseChangeSetName(idOf(changeSetName(DIGEST, NOW, { owner, release })));

describe('the name of a change set', () => {
  test('says what is in it, when it was created, whose stack it is, and more', () => {
    const owner = stackOwner('@acme/source', 'infra');
    expect(read()).toEqual({ digest: DIGEST, createdAt: NOW });
    expect(read(owner)).toEqual({ digest: DIGEST, createdAt: NOW, owner: owner.id });
    const more = 'ada-0-0123456789ab';
    expect(read({ ...owner, more })).toEqual({ digest: DIGEST, createdAt: NOW, owner: owner.id, more });
  });

  test('says which release it came with, with or without an owner', () => {
    const release = '3f'.repeat(32);
    const facts = { digest: DIGEST, createdAt: NOW, release: '3f'.repeat(8) };
    expect(read(undefined, release)).toEqual(facts);
    const owner = ownerOfInstance(stackOwner('acme', 'infra'), { ...LONGEST, expiresAt: Date.parse('2099-01-01') });
    expect(read(owner, release)).toEqual({ ...facts, owner: owner.id, more: owner.more });
    expect(() => changeSetName(DIGEST, NOW, { release: 'staging' })).toThrow(RangeError);
  });

  test('that an earlier version wrote is read as before', () => {
    const { id } = stackOwner('acme', 'infra');
    const time = NOW.toString(36);
    expect(parseChangeSetName(idOf(`nx-cdk-${DIGEST}-${time}-${id}-ada-0-0123456789ab`))).toEqual({
      ...{ digest: DIGEST, createdAt: NOW, owner: id, more: 'ada-0-0123456789ab' },
    });
  });

  test('is to an earlier version what another tool wrote, never a digest that is another one', () => {
    expect(EARLIER.test(changeSetName(DIGEST, NOW))).toBe(true);
    expect(EARLIER.test(changeSetName(DIGEST, NOW, { owner: stackOwner('acme', 'infra') }))).toBe(false);
  });

  test.each([
    ['is too long', { id: '0'.repeat(12), more: 'x'.repeat(80) }],
    ['has what CloudFormation takes in no name', { id: '0'.repeat(12), more: 'a_b' }],
    ['has an owner that could not be read again', { id: 'infra' }],
  ])('is refused if it %s', (_, owner) => {
    expect(() => changeSetName(DIGEST, NOW, { owner })).toThrow(RangeError);
  });

  test.each(['cdk-deploy-change-set', 'nx-cdk-0-1', `nx-cdk-${DIGEST}-1-infra`, ''])('"%s" is not ours', (name) => {
    expect(parseChangeSetName(idOf(name))).toBeUndefined();
  });
});

test('the owner of an instance says its name, when it expires, and which commit was deployed', () => {
  for (const facts of [LONGEST, { instance: '7' }, { instance: 'a-0-b', commit: '0123456789ab' }]) {
    const owner = ownerOfInstance(stackOwner('acme', 'infra'), facts);
    expect(parseInstance(read(owner)?.more)).toEqual(facts);
  }
  expect(parseInstance(undefined)).toBeUndefined();
  expect(parseInstance('ada')).toBeUndefined();
});

test('an owner is one project of one workspace', () => {
  const owners = [
    stackOwner('acme', 'infra'),
    stackOwner('other', 'infra'),
    stackOwner('acme', 'pipeline'),
    stackOwner('acmei', 'nfra'),
  ];
  expect(new Set(owners.map(({ id }) => id)).size).toBe(owners.length);
  expect(stackOwner('acme', 'infra')).toEqual(owners[0]);
});
