import { ScratchWorkspace } from 'test-bed';
import { FIRST } from './cells.ts';
import { Guest } from './guest.ts';
import { type Shipment, shipFrom } from './same/shipment.ts';
import { installPackages, isInstalled, ours, theirs } from './same/workspaces.ts';

/** An app in the same place of two workspaces: one has the sources of the packages, the other has installed them. */
let here: Shipment;
let there: Shipment;

const COMMANDS = ['refused', 'created', 'unchanged'] as const;

beforeAll(async () => {
  const [guest, copy] = await Promise.all([Guest.create(FIRST), ScratchWorkspace.create()]);
  try {
    await installPackages(guest);
    expect([ours(copy), theirs(guest)].map(isInstalled)).toEqual([false, true]);
    here = await shipFrom(ours(copy));
    there = await shipFrom(theirs(guest));
  } finally {
    await Promise.all([guest.remove(), copy.remove()]);
  }
});

test('an app is the same release in a workspace with installed packages as in this repository', () => {
  expect(here.created.release).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  for (const command of COMMANDS) {
    expect(here[command].release).toEqual(here.created.release);
    expect(there[command].release).toEqual(here.created.release);
  }
});

test('it is refused, created and found unchanged by the same number of requests of each kind', () => {
  expect(here.refused.requests).toMatchObject({ 'sts:AssumeRole': expect.any(Number) });
  expect(here.refused.requests).not.toHaveProperty(['s3:PutObject']);
  expect(here.created.requests).toMatchObject({ 's3:PutObject': 16, 'cloudformation:ExecuteChangeSet': 4 });
  expect(here.unchanged.requests).not.toHaveProperty(['cloudformation:CreateChangeSet']);
  for (const command of ['created', 'unchanged'] as const) {
    expect(there[command].requests).toEqual(here[command].requests);
  }
  // A refusal is not kept, so how often it comes is up to how many assets ask for the role at the same time.
  const kinds = ({ refused }: Shipment) => Object.keys(refused.requests).toSorted();
  expect(kinds(there)).toEqual(kinds(here));
});

test('it is told of in the same words', () => {
  expect(here.refused.lines.join('\n')).toMatch(/file-publishing-role/);
  expect(here.created.lines).toContain('✔ deploy done in <time> · 4 stacks: 4 created');
  expect(here.unchanged.lines).toContain('✔ deploy done in <time> · 4 stacks: 4 unchanged');
  for (const command of COMMANDS) expect(there[command].lines).toEqual(here[command].lines);
});
