import type { Environments } from '@nx-cdk/environments';
import type { AwsClients } from '../aws/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { formatRecord, targetsDigest } from './record.ts';
import { showReleased } from './released.ts';
import { type ScratchRepository, scratchRepository } from './testing/scratch-repository.ts';

const NOW = Date.parse('2026-11-20T16:10:00Z');
const target = (digit: number) => ({ account: String(digit).repeat(12), region: 'eu-west-1' });
const ENVIRONMENTS = {
  ci: target(9),
  pipeline: { name: 'nx-cdk' },
  environments: [
    { name: 'staging', targets: [target(1)] },
    { name: 'prod', targets: [target(2), target(3), target(4), target(5), target(6)] },
  ],
} as unknown as Environments;

let repository: ScratchRepository;
let commits: string[];
beforeAll(() => {
  repository = scratchRepository();
  commits = ['first', 'second', 'third'].map((message) => repository.commit(message));
  repository.git('checkout', '--quiet', '-b', 'next');
  commits.push(repository.commit('fourth'));
  repository.git('checkout', '--quiet', 'main');
});
afterAll(() => repository.dispose());

/** What is shown, if these commits were deployed to the groups in their order. */
async function show(events: boolean) {
  const [first, , third, fourth] = commits as [string, string, string, string];
  const record = (digit: number, commit: string, time: string, more: object = {}) => ({
    Name: `/nx-cdk/releases/${digit === 1 ? 'staging' : 'prod'}/${String(digit).repeat(12)}-eu-west-1`,
    Value: formatRecord({
      commit,
      time,
      assemblies: { infra: 'abcdef0123456789' },
      targets: targetsDigest({ targets: [target(digit)] }),
      ...more,
    }),
  });
  const Parameters = [
    record(1, third, '2026-11-20T16:09:40.000Z'),
    record(2, first, '2026-11-20T14:03:00.000Z', { assemblies: { a: '1', b: '2', c: '3' } }),
    record(3, fourth, '2026-11-18T14:03:00.000Z', {
      assemblies: { infra: 'abcdef0123456789', shop: '0123456789abcdef' },
    }),
    record(4, '0'.repeat(40), '2026-11-20T16:08:00.000Z'),
    record(5, first, '2026-11-20T14:03:00.000Z', { targets: 'other' }),
  ];
  const aws = {
    caller: async () => target(9),
    ssm: async () => ({ send: async () => ({ Parameters }) }),
  } as unknown as AwsClients;
  const heard: ProgressEvent[] = [];
  const options = { environments: ENVIRONMENTS, folder: repository.folder, events, now: NOW };
  const report = await showReleased(options, { aws, listener: (event) => void heard.push(event) });
  return { report, heard, short: commits.map((commit) => commit.slice(0, 7)) };
}

test('people get a table: what, when, and how far the checked-out commit is from it', async () => {
  const { heard, short } = await show(false);
  const table = heard.find((event) => event.type === 'message')!;
  const rows = table.text.split('\n').map((line) => line.split(/ {2,}/));
  expect(rows).toEqual([
    ['environment', 'group', 'commit', 'assemblies', 'deployed', 'compared with HEAD'],
    expect.anything(),
    ['staging', '111111111111-eu-west-1', short[2], 'infra abcdef0', '2026-11-20 16:09 UTC, just now', 'up to date'],
    [
      'prod',
      '222222222222-eu-west-1',
      short[0],
      expect.stringMatching(/^3 apps [0-9a-f]{7}$/),
      '2026-11-20 14:03 UTC, 2 hours ago',
      '2 commits behind',
    ],
    [
      'prod',
      '333333333333-eu-west-1',
      short[3],
      'infra abcdef0, shop 0123456',
      '2026-11-18 14:03 UTC, 2 days ago',
      '1 commit ahead',
    ],
    [
      'prod',
      '444444444444-eu-west-1',
      '0000000',
      'infra abcdef0',
      '2026-11-20 16:08 UTC, 2 minutes ago',
      'not in this history',
    ],
    [
      'prod',
      '555555555555-eu-west-1',
      short[0],
      'infra abcdef0',
      '2026-11-20 14:03 UTC, 2 hours ago',
      '2 commits behind, other targets',
    ],
    ['prod', '666666666666-eu-west-1', '-', '-', 'never deployed', '-'],
  ]);
  expect(heard.at(-1)).toMatchObject({
    type: 'run-finished',
    success: true,
    summary: '6 groups: 1 up to date, 2 behind, 1 ahead, 1 not in this history, 1 never deployed',
  });
});

test('machines get an event a group, and everything in the report', async () => {
  const { report, heard, short } = await show(true);
  expect(heard.filter(({ type }) => type === 'message')).toEqual([]);
  expect(
    heard.flatMap((event) => (event.type === 'item-finished' ? [[event.id, event.outcome, event.detail]] : [])),
  ).toEqual([
    ['staging/111111111111-eu-west-1', 'unchanged', `${short[2]}, deployed 2026-11-20T16:09:40.000Z, up to date`],
    ['prod/222222222222-eu-west-1', 'behind', `${short[0]}, deployed 2026-11-20T14:03:00.000Z, 2 commits behind`],
    ['prod/333333333333-eu-west-1', 'ahead', `${short[3]}, deployed 2026-11-18T14:03:00.000Z, 1 commit ahead`],
    ['prod/444444444444-eu-west-1', 'elsewhere', '0000000, deployed 2026-11-20T16:08:00.000Z, not in this history'],
    [
      'prod/555555555555-eu-west-1',
      'behind',
      `${short[0]}, deployed 2026-11-20T14:03:00.000Z, 2 commits behind, other targets`,
    ],
    ['prod/666666666666-eu-west-1', 'never', 'never deployed'],
  ]);
  expect(report.head).toBe(commits[2]);
  expect(report.groups[1]).toEqual({
    environment: 'prod',
    group: '222222222222-eu-west-1',
    targets: ['222222222222/eu-west-1'],
    state: 'behind',
    commits: 2,
    commit: commits[0],
    time: '2026-11-20T14:03:00.000Z',
    assemblies: { a: '1', b: '2', c: '3' },
  });
  expect(report.groups[5]).toEqual({
    environment: 'prod',
    group: '666666666666-eu-west-1',
    targets: ['666666666666/eu-west-1'],
    state: 'never',
  });
});
