import { HOSTILE } from '../report/testing/hostile.ts';
import { indexPage } from './index-page.ts';
import type { ListedRun } from './runs.ts';

const madeAt = '2026-11-29T00:00:00.000Z';

const run = (more: Partial<ListedRun> = {}): ListedRun => ({
  name: '2026-11-28-231500-deploy-staging',
  project: 'shop',
  command: 'deploy',
  environment: 'staging',
  outcome: 'done',
  startedAt: '2026-11-28T23:15:00.000Z',
  milliseconds: 12_300,
  file: 'dist/reports/shop/2026-11-28-231500-deploy-staging.html',
  ...more,
});

const pageOf = (runs: readonly ListedRun[], drawings: readonly string[] = [], older = 0) =>
  indexPage({ runs, older, drawings, madeAt });
const elementsOf = (page: string) => page.replace(/<(style|script)[^]*?<\/\1>/g, '');
const linksOf = (page: string) => [...elementsOf(page).matchAll(/ href="([^#"][^"]*)"/g)].map(([, link]) => link);

test('it has a section for each project, and a link to each run and drawing, relative to itself', () => {
  const page = pageOf(
    [run(), run({ project: '@acme/web', file: 'dist/reports/acme-web/2026-11-28-231500-deploy.html' })],
    ['dist/reports/shop/architecture.html'],
  );
  expect([...page.matchAll(/<h2[^>]*>([^<]*)/g)].map(([, title]) => title)).toEqual(['shop', '@acme/web']);
  expect(linksOf(page)).toEqual([
    'shop/architecture.html',
    'shop/2026-11-28-231500-deploy-staging.html',
    'acme-web/2026-11-28-231500-deploy.html',
  ]);
});

test('it says how many runs there are besides those that it lists', () => {
  expect(elementsOf(pageOf([run()], [], 7)).replace(/\s+/g, ' ')).toContain('Older</dt> <dd>7, not listed');
  expect(elementsOf(pageOf([run()]))).not.toContain('Older');
});

test('a project that only has a drawing is called like its folder', () => {
  const page = pageOf([], ['dist/reports/acme-web/architecture.html']);
  expect(page).toMatch(/<h2[^>]*>acme-web</);
  expect(linksOf(page)).toEqual(['acme-web/architecture.html']);
});

test('given no run, then it says so', () => {
  expect(elementsOf(pageOf([]))).toContain('0, 0 of them failed');
});

test('names are text, and a link leads nowhere else, whatever they hold', () => {
  const ending = HOSTILE.join(' ');
  const file = `dist/reports/${HOSTILE.join(' ').replaceAll('/', '')}/javascript:x.html`;
  const page = pageOf(
    [run({ project: ending, environment: ending, file })],
    ['dist/reports/javascript:y/architecture.html'],
  );
  const elements = elementsOf(page);
  expect(elements).not.toMatch(/<(img|base|svg)/);
  expect(elements).not.toMatch(/<[^>"]*\s(on\w+)=/);
  expect(page.match(/<script/g)).toHaveLength(1);
  for (const link of linksOf(page)) {
    expect(new URL(link!, 'file:///reports/index.html').href).toMatch(/^file:\/\/\/reports\//);
  }
});
