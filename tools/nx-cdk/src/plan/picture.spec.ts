import { planAsMarkdown } from './markdown.ts';
import { pictureOf, type PlanOrder } from './picture.ts';
import { plannedStack, planOf } from './testing/plans.ts';

const order = (
  needs: Readonly<Record<string, readonly string[]>>,
  promotion: PlanOrder['promotion'] = [],
): PlanOrder => ({
  stacks: Object.entries(needs).map(([id, dependencies]) => ({ id, dependencies })),
  promotion,
});

const arrows = (picture: string) =>
  picture
    .split('\n')
    .filter((line) => line.includes('-->'))
    .map((line) => line.trim());

test('stacks that change are drawn after those that they wait for, and environments after each other', () => {
  const ids = ['staging/Data', 'staging/Service', 'prod/Data', 'prod/Service'];
  const stacks = ids.map((id) => plannedStack(id));
  const needs = {
    'staging/Data': [],
    'staging/Service': ['staging/Data'],
    'prod/Data': ['staging/Data'],
    'prod/Service': ['prod/Data'],
  };
  const promotion = ['staging', 'prod'].map((name) => ({ name, stackIds: ids.filter((id) => id.startsWith(name)) }));
  expect(pictureOf(stacks, order(needs, promotion))).toBe(`\`\`\`mermaid
flowchart TB
  subgraph g0["staging"]
    direction LR
    s0["Data<br/>update"]
    s1["Service<br/>update"]
  end
  subgraph g1["prod"]
    direction LR
    s2["Data<br/>update"]
    s3["Service<br/>update"]
  end
  s0 --> s1
  s2 --> s3
  g0 --> g1
\`\`\`
`);
});

test('a stack waits by way of one that stays as it is, and what follows from others is left out', () => {
  const stacks = [plannedStack('A'), plannedStack('B', { outcome: 'unchanged' }), plannedStack('C'), plannedStack('D')];
  const picture = pictureOf(stacks, order({ A: [], B: ['A'], C: ['B'], D: ['A', 'B', 'C'] }));
  expect(arrows(picture)).toEqual(['s0 --> s1', 's1 --> s2']);
});

test.each([
  ['no stack', 0],
  ['one stack', 1],
  ['more than can be read, in no environment,', 31],
])('given %s that changes, then there is no picture', (_, number) => {
  const stacks = Array.from({ length: number }, (_, index) => plannedStack(`S${index}`));
  expect(pictureOf([...stacks, plannedStack('Same', { outcome: 'unchanged' })], order({}))).toBe('');
});

test('of more stacks than can be read, environments are drawn, with what happens in them', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `${index < 25 ? 'staging' : 'prod'}/S${index}`);
  const stacks = ids.map((id, index) => plannedStack(id, index === 0 ? { outcome: 'create' } : {}));
  const promotion = ['dev', 'staging', 'prod'].map((name) => ({
    name,
    stackIds: ids.filter((id) => id.startsWith(name)),
  }));
  expect(pictureOf(stacks, order({}, promotion))).toBe(`\`\`\`mermaid
flowchart LR
  g0["staging<br/>25 stacks#58; 1 create, 24 update"]
  g1["prod<br/>15 stacks#58; 15 update"]
  g0 --> g1
\`\`\`
`);
});

test('a long chain is drawn downwards, a short one to the right', () => {
  const chain = (number: number) => {
    const ids = Array.from({ length: number }, (_, index) => `S${index}`);
    const needs = Object.fromEntries(ids.map((id, index) => [id, ids.slice(Math.max(0, index - 1), index)]));
    return pictureOf(
      ids.map((id) => plannedStack(id)),
      order(needs),
    );
  };
  expect(chain(4)).toContain('flowchart LR');
  expect(chain(5)).toContain('flowchart TB');
});

test('a letter that takes two places is not cut in half', () => {
  const picture = pictureOf([plannedStack(`a${'🎉'.repeat(40)}`), plannedStack('B')], order({}));
  expect(picture).toContain('#127881;#8230;<br/>');
});

test('stacks that wait for each other in a circle end nothing', () => {
  const picture = pictureOf([plannedStack('A'), plannedStack('B')], order({ A: ['B'], B: ['A'] }));
  expect(picture).toContain('s0[');
});

test.each([
  'x"] --> y["',
  'x`] ```\n@everyone',
  '"]\n  click s0 href "javascript:alert(1)"',
  '<img src=x onerror=alert(1)>',
  '%%{init: {"securityLevel": "loose"}}%%',
  '#quot;#60;script#62;',
  '`**bold**`',
  '- item',
  '1. item',
  'end',
  'left\u202Ethgir',
])('%s is a name and nothing else', (evil) => {
  const picture = pictureOf([plannedStack(evil), plannedStack('Data')], order({}, [{ name: evil, stackIds: [evil] }]));
  const lines = picture.split('\n');
  expect(lines).toHaveLength(9);
  expect(lines[2]).toMatch(/^  subgraph g0\["(#\d+;|[A-Za-z0-9 ,/-])*"\]$/);
  expect(lines[4]).toMatch(/^    s0\["(?!-)(#\d+;|[A-Za-z0-9 ,/-])*<br\/>update"\]$/);
  expect(picture).not.toContain('#8238;');
});

test('the Markdown of a plan has it if the order is known', () => {
  const plan = planOf(plannedStack('A'), plannedStack('B'));
  expect(planAsMarkdown(plan, 'b'.repeat(64), order({ A: [], B: ['A'] }))).toContain('```mermaid\nflowchart LR\n');
  expect(planAsMarkdown(plan, 'b'.repeat(64))).not.toContain('mermaid');
});
