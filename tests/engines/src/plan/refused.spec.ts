import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanException, PlanRule } from '@nx-cdk/environments';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib/core';
import { STAGING } from 'test-bed';
import { shop } from './apps.ts';
import { openPlanBed, type PlanBed } from './plan-bed.ts';

/*
 * What the environments file of the workspace refuses. The app names no file, and has the rules all the same.
 */

let bed: PlanBed;
/** The assembly that replaces the table and lets the role do everything with the queue. */
let changed: string;

beforeAll(async () => {
  bed = await openPlanBed();
  await bed.ship(await bed.release('refused-1', shop('Refused')));
  changed = await bed.release('refused-2', shop('Refused', { key: 'number', actions: ['sqs:*'] }));
});

afterAll(() => bed?.close());
afterEach(() => rmSync(join(bed.root, 'environments.json'), { force: true }));

function rules(refuse: readonly PlanRule[], ...accept: readonly PlanException[]): void {
  const environments = [{ name: 'staging', targets: [STAGING] }];
  const ci = { account: '123456789012', region: 'eu-west-1' };
  writeFileSync(join(bed.root, 'environments.json'), JSON.stringify({ ci, plan: { refuse, accept }, environments }));
}

const moved = (until: string): PlanException => ({
  rule: 'deletes-stateful',
  stack: 'Data',
  resource: 'Data/Orders',
  reason: 'the orders have moved',
  until,
});

const states = () => bed.states('Refused-Data', 'Refused-Service');

test('given rules, a plan says what they refuse, is written for review, and cannot be deployed', async () => {
  // given
  rules(['deletes-stateful', 'widens-permissions', 'public-access']);
  const before = await states();

  // when
  const planned = await bed.plan('refused', changed);

  // then
  expect(planned).toMatchObject({ code: 1 });
  expect(planned.output).toMatch(
    /Data: deletes-stateful refuses it: Data\/Orders: AWS::DynamoDB::Table (is|may be) replaced/,
  );
  expect(planned.output).toContain('for review: it cannot be deployed.');
  expect(planned.plan.verdict).toMatchObject({
    refused: [
      { rule: 'deletes-stateful', stack: 'Data', resource: 'Data/Orders' },
      { rule: 'widens-permissions', stack: 'Service', resource: 'Service/Policy' },
    ],
    accepted: [],
  });
  expect(planned.markdown).toContain('**Refused by the rules of the workspace, so it cannot be deployed:**');
  expect(planned.markdown).not.toContain('--planDigest');

  // and neither the plan, nor a deployment without one, gets past them
  for (const plan of [planned.file, undefined]) {
    const deployed = await bed.run('deploy', { assembly: changed, plan });
    expect(deployed).toMatchObject({ code: 1, output: expect.stringMatching(/deletes-stateful refuses it: /) });
  }
  expect(await states()).toEqual(before);
  expect(await bed.changeSets('Refused-Data')).toBe(0);
});

test('given an exception that has run out, it is refused with its reason and date; a dry run shows that', async () => {
  rules(['deletes-stateful'], moved('2026-01-01'));
  const ended = '(it was accepted until 2026-01-01: the orders have moved)';

  const planned = await bed.plan('run-out', changed);
  expect(planned).toMatchObject({ code: 1, output: expect.stringContaining(ended) });

  const shown = await bed.run('deploy', { assembly: changed, dryRun: true });
  expect(shown).toMatchObject({ code: 0, output: expect.stringContaining(ended) });
});

test('given a plan of looser rules, the rules of the checkout hold', async () => {
  rules([]);
  const planned = await bed.plan('looser', changed);
  expect(planned).toMatchObject({ code: 0 });
  expect(planned.plan.verdict).toBeUndefined();

  rules(['widens-permissions']);
  const deployed = await bed.run('deploy', { assembly: changed, plan: planned.file });
  expect(deployed).toMatchObject({
    code: 1,
    output: expect.stringMatching(/Service: widens-permissions refuses it: /),
  });
});

test('given an exception, the plan shows it with reason and date, and is deployed', async () => {
  rules(['deletes-stateful'], moved('2999-12-31'));

  const planned = await bed.plan('accepted', changed);
  expect(planned).toMatchObject({ code: 0 });
  expect(planned.plan.verdict).toMatchObject({
    refused: [],
    accepted: [{ resource: 'Data/Orders', reason: 'the orders have moved', until: '2999-12-31' }],
  });
  const sentence = 'deletes-stateful, accepted until 2999-12-31 (the orders have moved): Data/Orders: ';
  expect(planned.output).toContain(sentence);
  expect(planned.markdown).toContain('**Accepted by exceptions from the rules of the workspace:**');

  const deployed = await bed.run('deploy', { assembly: changed, plan: planned.file });
  expect(deployed).toMatchObject({ code: 0, output: expect.stringContaining(sentence) });

  // and nothing needs it any more
  const again = await bed.plan('accepted-again', changed);
  expect(again).toMatchObject({
    code: 0,
    output: expect.stringMatching(/for Data, Data\/Orders .* fits nothing here/),
  });
  expect(again.plan.verdict).toBeUndefined();
});

describe('nx destroy', () => {
  const destroy = (options: object = {}) => bed.run('destroy', { assembly: changed, force: true, ...options });

  test('is refused for a stack with a table, also with --force; a dry run shows that', async () => {
    rules(['deletes-stateful']);
    const sentence = /Data: deletes-stateful refuses it: Data\/Orders: AWS::DynamoDB::Table is deleted with its data/;
    const before = await states();
    expect(await destroy({ stacks: 'Data' })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/ deletes-stateful refuses it: .*: nothing of it may be deleted/),
    });
    expect(await destroy({ dryRun: true })).toMatchObject({ code: 0, output: expect.stringMatching(sentence) });
    expect(await states()).toEqual(before);
  });

  test('of what was left behind is refused by the name of the stack', async () => {
    rules(['deletes-stateful']);
    const before = await states();
    const empty = await bed.release('empty', (app) => {
      new CfnQueue(new Stack(app, 'Else', { env: STAGING, stackName: 'Refused-Else' }), 'Queue');
    });
    const orphans = { assembly: empty, orphans: true };
    const sentence = /Refused-Data: deletes-stateful refuses it: /;
    const refused = expect.stringMatching(/Refused-\w+: deletes-stateful refuses it: /);
    expect(await destroy(orphans)).toMatchObject({ code: 1, output: refused });
    expect(await destroy({ ...orphans, dryRun: true })).toMatchObject({
      code: 0,
      output: expect.stringMatching(sentence),
    });
    expect(await states()).toEqual(before);
  });

  test('deletes it where an exception says so, and tells that', async () => {
    rules(['deletes-stateful'], { ...moved('2999-12-31'), stack: '*', resource: undefined });
    const { code, output } = await destroy();
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/2 stacks: 2 deleted/) });
    expect(output).toContain('deletes-stateful, accepted until 2999-12-31 (the orders have moved): Data/Orders');
    expect(await states()).toEqual({});
  });
});
