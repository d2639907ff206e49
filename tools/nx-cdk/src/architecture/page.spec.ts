import { HOSTILE } from '../report/testing/hostile.ts';
import type { LastChanges } from './last-changes.ts';
import type { Architecture } from './model.ts';
import { architecturePage } from './page.ts';
import { syntheticArchitecture } from './testing/synthetic-architecture.ts';

const last: LastChanges = {
  startedAt: '2026-11-28T23:15:00.000Z',
  changes: new Map([
    ['staging/Orders', 'updated'],
    ['staging/Web', 'created'],
  ]),
  hasFailed: false,
};

const pageOf = (architecture: Architecture) => architecturePage({ project: 'shop', architecture, last });
const elementsOf = (page: string) => page.replace(/<(style|script)[^]*?<\/\1>/g, '');
/** Of rows of the table, by what they are of: the text of each. */
const rowsOf = (page: string) =>
  [...page.matchAll(/<tr id="stack-[^]*?<\/tr>/g)].map(([row]) => row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '));

test.each([0, 1, 10])('with %i environments, it leads only to what is in it, and has no id twice', (environments) => {
  const elements = elementsOf(pageOf(syntheticArchitecture(environments)));
  expect(elements).not.toMatch(/<[^>]*\s(style|on\w+|src)=/);
  const ids = [...elements.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
  expect(ids).toEqual([...new Set(ids)]);
  for (const [, link] of elements.matchAll(/ href="([^"]*)"/g)) expect(ids).toContain(link!.replace(/^#/, ''));
});

test('each stack has a box and a row that says the same: resources, needs and changes', () => {
  const { stacks } = syntheticArchitecture(10);
  const page = pageOf(syntheticArchitecture(10));
  expect(page.match(/data-box="/g)).toHaveLength(stacks.length);
  const rows = rowsOf(page);
  expect(rows).toHaveLength(stacks.length);
  const [orders] = rows.filter((row) => row.includes('staging-shop-orders'));
  expect(orders).toContain('updated');
  expect(orders).toContain('4 × Lambda Function');
  expect(orders).toContain('staging/Network');
  expect(orders).toContain('staging/Billing');
  const [reports] = rows.filter((row) => row.includes('prod-shop-reports'));
  expect(reports).toMatch(/staging\/Data\s+across account/);
});

test('of many stacks, only environments that were changed are open; of few, all are', () => {
  const open = (environments: number) =>
    [...pageOf(syntheticArchitecture(environments)).matchAll(/<details class="item environment"[^>]* open>/g)].length;
  expect(open(10)).toBe(1);
  expect(open(3)).toBe(3);
});

test('the filters count what was changed and what goes across', () => {
  const text = elementsOf(pageOf(syntheticArchitecture(10)))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
  expect(text).toContain('all 100');
  expect(text).toContain('changed last 2');
});

test('given nobody knows what was deployed, then nothing is marked', () => {
  const page = elementsOf(architecturePage({ project: 'shop', architecture: syntheticArchitecture(2) }));
  expect(page).not.toContain('Last deployment');
  expect(page).not.toContain('changed');
});

test('names are text, whatever they hold', () => {
  const ending = HOSTILE.join(' ');
  const clean = syntheticArchitecture(2);
  const stained = JSON.parse(
    JSON.stringify({ ...clean, outside: [{ stack: 'dev/Data', name: 'x' }] }, (key, value: unknown) =>
      typeof value === 'string' && !['account', 'region'].includes(key) ? `${value} ${ending}` : value,
    ),
  ) as Architecture;
  // What lies between stacks is one of two words.
  const architecture = {
    ...stained,
    links: stained.links.map((link, at) => ({ ...link, across: clean.links[at]!.across })),
  };
  const page = architecturePage({ project: `shop ${ending}`, architecture });

  const tags = (text: string) => [...elementsOf(text).matchAll(/<([a-z]+)/g)].map(([, tag]) => tag!);
  expect(new Set(tags(page))).toEqual(
    new Set([
      ...tags(
        architecturePage({ project: 'shop', architecture: { ...clean, outside: [{ stack: 'dev/Data', name: 'x' }] } }),
      ),
    ]),
  );
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(elementsOf(page)).not.toMatch(/<[^>"]*\s(on\w+)=/);
  expect(page).not.toContain('\u202E');
});

test('it names no place in the network', () => {
  expect(pageOf(syntheticArchitecture(3))).not.toMatch(/https?:|@import|url\((?!'#)/);
});
