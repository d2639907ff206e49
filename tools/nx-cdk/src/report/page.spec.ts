import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { masked, type RecordedItem, registerSecret } from '../progress/index.ts';
import type { DeployRun, PlanRun, PublishRun, RunFile } from './model.ts';
import { pageOf } from './page.ts';
import { hostile } from './testing/hostile.ts';
import { syntheticRun } from './testing/synthetic-run.ts';

const FOLDER = join(import.meta.dirname, 'testing');

const recorded = <Run extends RunFile>(name: string) =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Run;

const RECORDED = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

/** What people read of a page, in one line. */
function textOf(page: string): string {
  return page
    .replace(/<(style|script)[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replace(/&#(\d+);/g, (_all, number: string) => String.fromCodePoint(Number(number)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

/** Headings of the sections, in their order. */
const sectionsOf = (page: string) => [...page.matchAll(/<h2[^>]*>([^<]*)/g)].map(([, title]) => title!.trim());

describe.each(RECORDED)('the page of the run %s', (name) => {
  let page: string;
  beforeAll(async () => {
    page = await pageOf(recorded(name));
  });

  test('has no attributes that its policy forbids, and no ids twice', async () => {
    const elements = page.replace(/<(style|script)[^]*?<\/\1>/g, '');
    expect(elements).not.toMatch(/<[^>]*\s(style|on\w+|src)=/);
    const ids = [...elements.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test('leads only to what is in it', async () => {
    const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/ href="([^"]*)"/g)].map(([, link]) => link!);
    for (const link of links) {
      expect(link.startsWith('#')).toBe(true);
      expect(ids).toContain(link.slice(1));
    }
  });
});

test('a deployment tells where, when, how long, what of, and how it ended', async () => {
  const run = recorded<DeployRun>('created');
  const text = textOf(await pageOf(run));
  expect(text).toContain('Deploy shop ✔ done');
  expect(text).toContain(`Release ${run.result!.release!.slice(0, 12)}`);
  expect(text).toContain('4 stacks: 4 created');
  expect(text).toContain('To 111111111111/eu-west-1, 222222222222/us-east-1');
  expect(sectionsOf(await pageOf(run))).toEqual(['Timeline', 'Changes', 'Outputs', 'Requests', 'Messages']);
  expect(text).toMatch(/waited .* for the environment before it, at promotion:staging/);
});

test('a failure comes first, with its root cause, the place in the source, what to do, and what was skipped', async () => {
  const page = await pageOf(recorded('failed'));
  expect(sectionsOf(page)[0]).toBe('What went wrong');
  const text = textOf(page);
  const told = textOf(/<dl class="told">([^]*?)<\/dl>/.exec(page)![1]!);
  expect(told).toMatch(
    /What happened UPDATE_FAILED: AWS::SSM::Parameter create failed: .*The parameter already exists/,
  );
  expect(told).toContain(
    'Where staging/Data/Taken AWS::SSM::Parameter apps/shop/app.mjs:33 111111111111/eu-west-1 Next step',
  );
  expect(told).toMatch(/Next step the stack is as it was before: correct the cause and deploy again $/);
  expect(text).toContain('3 skipped because of it: staging/Service, prod/Data, prod/Service');
});

test('what a gate refused is told, though nothing has a root cause', async () => {
  const text = textOf(await pageOf(recorded('refused')));
  expect(text).toContain('PlanRefused');
  expect(text).toMatch(/What happened deletes-stateful refuses it: .* nothing of it may be deployed\. Where/);
  expect(text).toContain('Next step leave the change out, or accept it');
});

test('a deployment that an error ended has a page that says so', async () => {
  const run = recorded<DeployRun>('created');
  const error = { at: 5, level: 'error', text: 'Something else happened.' } as const;
  const recording = { ...run.recording, messages: [error] };
  const page = await pageOf({ ...run, success: false, result: undefined, recording });
  expect(sectionsOf(page)[0]).toBe('What went wrong');
  expect(textOf(page)).toContain('Something else happened.');
});

test('an error that ended a command is told apart from its next step, also if the terminal said more', async () => {
  const run = recorded<DeployRun>('created');
  const failure = { code: 'NoRelease', message: 'There is none: publish.', next: 'publish' };
  const error = { at: 5, level: 'error', text: `${failure.message}\nCode: NoRelease`, failure } as const;
  const text = textOf(await pageOf({ ...run, success: false, recording: { ...run.recording, messages: [error] } }));
  expect(text).toContain('NoRelease What happened There is none. Next step publish');
  expect(text).toContain('As the terminal says it There is none: publish. Code: NoRelease');
});

test('of two failures, that comes first which happened first', async () => {
  const run = recorded<DeployRun>('created');
  const [only] = run.recording.runs;
  const items = ['Later', 'First'].map((id, index): RecordedItem => {
    const failure = { code: 'StackFailed', message: `${id}: it is taken.` };
    return { id, label: id, steps: [], outcome: 'failed', startedAt: index, milliseconds: 90 - index * 50, failure };
  });
  const page = await pageOf({ ...run, recording: { ...run.recording, runs: [{ ...only!, items }] } });
  expect(textOf(page)).toMatch(/What went wrong First .*StackFailed .*Later/);
});

test('outputs that are others than before are named where no resource changed', async () => {
  const run = recorded<DeployRun>('unchanged');
  const [stack, ...others] = run.result!.stacks!;
  const outputChanges = { added: ['More'], changed: ['Url', '<b>'], removed: [] };
  const updated = { ...stack!, outcome: 'updated' as const, outputChanges };
  const text = textOf(await pageOf({ ...run, result: { ...run.result, stacks: [updated, ...others] } }));
  expect(text).toContain('1 output added, 2 outputs changed');
  expect(text).toContain('Outputs added: More changed: Url, <b> ');
  expect(text).not.toContain('no resource changes');
});

test('an item whose end nobody saw is called so', async () => {
  const run = recorded<DeployRun>('created');
  const [only] = run.recording.runs;
  const items = only!.items.map((item) => ({ ...item, outcome: undefined, milliseconds: undefined }));
  const text = textOf(await pageOf({ ...run, recording: { ...run.recording, runs: [{ ...only!, items }] } }));
  expect(text).toContain('4 items did not come to an end.');
  expect(text).toContain('not finished');
});

test('checks stand beside the stacks of their environment, and a deletion after a deployment has a timeline of its own', async () => {
  const run = recorded<DeployRun>('created');
  const [only] = run.recording.runs;
  const [first] = only!.items;
  const check: RecordedItem = {
    id: 'verify:staging',
    label: 'verify:staging',
    steps: [],
    outcome: 'passed',
    startedAt: 9,
  };
  const deletion = {
    ...only!,
    action: 'delete',
    subject: '1 stack',
    items: [{ ...first!, outcome: 'deleted' as const }],
  };
  const runs = [{ ...only!, items: [...only!.items, check] }, deletion];
  const page = await pageOf({ ...run, recording: { ...run.recording, runs } });
  const headings = [...page.matchAll(/<h3>([^]*?)<\/h3>/g)].map(([, title]) => textOf(title!).trim());
  expect(headings.filter((title) => /^(staging|prod|delete)/.test(title))).toEqual([
    'staging 111111111111/eu-west-1 2',
    'staging checks 1',
    'prod 222222222222/us-east-1 2',
    'delete 1 stack',
    'staging 111111111111/eu-west-1 1',
  ]);
  expect(page).toContain('id="item-0-staging/Data"');
  expect(page).toContain('id="item-1-staging/Data"');
});

test('a plan tells what rules refuse, then what to look at twice, in the words and digits of the terminal', async () => {
  const run = recorded<PlanRun>('plan');
  const page = await pageOf(run);
  expect(sectionsOf(page).slice(0, 3)).toEqual(['Rules', 'Look twice', 'Changes']);
  const text = textOf(page);
  expect(text).toContain(`Plan ${run.result!.digest!.slice(0, 12)}`);
  expect(text).toContain('Refused by the rules of the workspace, so it cannot be deployed:');
  expect(text).toContain('staging/Data: data loss, replaces');
  expect(text).toContain('staging/Service: replaces, allows more');
  expect(text).toContain('may be replaced Orders AWS::DynamoDB::Table data may be lost');
  expect(text).toContain('It allows more than now');
  expect(page).toMatch(/id="plan-staging\/Data" data-kind="changed attention" open/);
});

test('a plan names outputs that change', async () => {
  const run = recorded<PlanRun>('plan');
  const { plan } = run.result!;
  const [stack, ...others] = plan!.stacks;
  const outputs = { added: [], changed: ['Url', '<b>'], removed: [] };
  const stacks = [{ ...stack!, changes: [], outputs }, ...others];
  const text = textOf(await pageOf({ ...run, result: { ...run.result, plan: { ...plan!, stacks } } }));
  expect(text).toMatch(/update, 2 outputs changed; .*outputs changed: Url, <b>/);
});

test('a plan without changes has its stacks, and nothing to look at', async () => {
  const run = recorded<PlanRun>('plan');
  const { plan } = run.result!;
  const stacks = plan!.stacks.map((stack) => ({
    ...stack,
    outcome: 'unchanged' as const,
    changes: [],
    permissions: { widened: false, lines: [] },
  }));
  const page = await pageOf({ ...run, result: { ...run.result, plan: { ...plan!, stacks, verdict: undefined } } });
  expect(sectionsOf(page)[0]).toBe('Changes');
  expect(textOf(page)).toContain('2 unchanged');
});

test('publishing tells what failed first, then assets by destination, with size and time', async () => {
  const run = recorded<PublishRun>('publish-again');
  const [first, ...others] = run.result!.destinations!;
  const failure = { code: 'AccessDenied', message: 'It was denied.' };
  const failed = { ...first!, outcome: 'failed' as const, detail: failure.message, failure };
  const [only] = run.recording.runs;
  const items = only!.items.map((item) => (item.id === failed.id ? { ...item, ...failed } : item)) as RecordedItem[];
  const page = await pageOf({
    ...run,
    success: false,
    recording: { ...run.recording, runs: [{ ...only!, items }] },
    result: { ...run.result, destinations: [...others, failed] },
  });
  expect(sectionsOf(page).slice(0, 2)).toEqual(['What went wrong', 'Assets']);
  const text = textOf(page);
  expect(text).toContain('It was denied.');
  expect(text).toMatch(/cdk-hnb659fds-assets-111111111111-eu-west-1 .* 2 assets/);
  expect(text).toMatch(/uploaded \d+(\.\d)? k?B/);
});

test.each(RECORDED)('names of the run %s that are markup are text', async (name) => {
  const page = await pageOf(hostile(recorded(name)));
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/<img|<svg onload|\u202e/);
  expect(page).toContain('&lt;img');
});

test('a secret that became known is in no page', async () => {
  const run = recorded<DeployRun>('created');
  const [stack, ...others] = run.result!.stacks!;
  const forget = registerSecret('correct horse');
  const told = { ...run, result: { stacks: [{ ...stack!, outputs: { Password: 'correct horse' } }, ...others] } };
  expect(await pageOf(masked(told))).not.toContain('correct horse');
  forget();
});

test('a hundred stacks take less than 1.5 MB; unchanged ones are folded', async () => {
  const page = await pageOf(syntheticRun({ stacks: 100, changeEvery: 1 }));
  expect(page.length).toBeLessThan(1_500_000);
  expect(textOf(await pageOf(syntheticRun({ stacks: 100 })))).toContain('25 unchanged');
});
