import { architecturePage, type LastChanges } from 'nx-cdk/src/architecture/index.ts';
import { syntheticArchitecture } from 'nx-cdk/src/architecture/testing/synthetic-architecture.ts';
import { indexPage } from 'nx-cdk/src/reports/index.ts';
import { describeWithBrowser, openViewer, type Shown, type Viewer } from './browser.ts';

const last: LastChanges = {
  startedAt: '2026-11-28T23:15:00.000Z',
  changes: new Map([['staging/Orders', 'updated']]),
  hasFailed: false,
};
/** What the style puts before cells to say what they are. */
const namesBefore = new Function(
  'cells',
  "return cells.map((cell) => getComputedStyle(cell, '::before').content.split('\"')[1]?.trim())",
) as (cells: readonly unknown[]) => string[];

const hundredStacks = () => architecturePage({ project: 'shop', architecture: syntheticArchitecture(10), last });

describeWithBrowser('the architecture of a hundred stacks in a browser', () => {
  let viewer: Viewer;
  let shown: Shown;
  beforeAll(async () => {
    viewer = await openViewer();
  });
  beforeEach(async () => {
    shown = await viewer.show(hundredStacks());
  });
  afterEach(() => shown?.page.context().close());
  afterAll(() => viewer?.close());

  const openEnvironments = async () => shown.page.locator('details.environment[open]').count();

  test('asks for nothing, complains of nothing, and fits on a telephone', async () => {
    await shown.page.getByRole('heading', { level: 1 }).waitFor();
    expect(shown).toMatchObject({ complaints: [], requests: [] });
    await shown.page.setViewportSize({ width: 400, height: 800 });
    expect(await shown.page.evaluate('document.documentElement.scrollWidth')).toBe(400);
  });

  test.each([600, 1200, 1600])('at %d pixels, every fact of a stack has room and a name', async (width) => {
    const { page } = shown;
    await page.setViewportSize({ width, height: 900 });
    const row = page.locator('tr').filter({ has: page.locator('th', { hasText: 'staging-shop-orders' }) });
    await page.evaluate("for (const one of document.querySelectorAll('details.environment')) one.open = true");
    const cells = row.locator('td[data-of]');
    // Each link stands in one line.
    for (const link of await row.locator('li > a').all()) expect((await link.boundingBox())!.height).toBeLessThan(30);
    const heads = await page.locator('details.environment thead').first().isVisible();
    const names = await cells.evaluateAll(namesBefore);
    if (heads) expect((await cells.first().boundingBox())!.width).toBeGreaterThan(200);
    expect(names).toEqual(
      heads ? [undefined, undefined, undefined, undefined] : ['target', 'resources', 'needs', 'needed by'],
    );
    expect(heads).toBe(width > 704);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });

  test('what is looked for is opened, other boxes step back, and all is as before afterwards', async () => {
    const { page } = shown;
    expect(await openEnvironments()).toBe(1);
    const search = page.getByRole('searchbox', { name: 'Search in stacks and kinds' });
    await search.fill('billing');
    expect(await openEnvironments()).toBe(10);
    expect(await page.locator('a.box:not(.faint)').allInnerTexts()).toHaveLength(10);
    expect(await page.getByRole('status').innerText()).toBe('10 of 100 shown');
    await search.fill('');
    expect(await openEnvironments()).toBe(1);
    expect(await page.locator('.faint').count()).toBe(0);
  });

  test('what the last release changed is found', async () => {
    const { page } = shown;
    await page.getByRole('radio', { name: /^changed last 1$/ }).check();
    expect(await page.locator('tr[data-kind]:not([hidden])').allInnerTexts()).toEqual([
      expect.stringContaining('staging-shop-orders'),
    ]);
  });

  test('a box leads to the row that has its facts, and shows what belongs to it', async () => {
    const { page } = shown;
    const box = page.locator('a.box.changed').first();
    await box.hover();
    expect(await page.locator('a.box.faint').count()).toBeGreaterThan(80);
    await box.click();
    const row = page.locator('tr:target');
    expect(await row.innerText()).toContain('staging-shop-orders');
    expect(await row.getByRole('link', { name: 'staging/Network' }).count()).toBe(1);
  });

  test('without JavaScript, every stack has its row, and environments open', async () => {
    const { page } = await viewer.show(hundredStacks(), { javaScriptEnabled: false });
    await page.locator('details.environment > summary').first().click();
    expect(await page.locator('tr[id^="stack-"]').count()).toBe(100);
    expect(await page.getByText('dev-shop-orders', { exact: true }).isVisible()).toBe(true);
    await page.context().close();
  });
});

describeWithBrowser('the index of runs in a browser', () => {
  test('asks for nothing and complains of nothing', async () => {
    const viewer = await openViewer();
    const startedAt = '2026-11-28T23:15:00.000Z';
    const run = { name: 'x', project: 'shop', command: 'deploy', outcome: 'done', startedAt, milliseconds: 1 } as const;
    const runs = [{ ...run, file: 'dist/reports/shop/x.html' }];
    const { page, ...shown } = await viewer.show(indexPage({ runs, older: 0, drawings: [], madeAt: startedAt }));
    expect(await page.getByRole('link', { name: '2026-11-28 23:15:00 UTC' }).getAttribute('href')).toBe('shop/x.html');
    expect(shown).toMatchObject({ complaints: [], requests: [] });
    await viewer.close();
  });
});
