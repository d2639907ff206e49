import { pageOf } from 'nx-cdk/src/report/index.ts';
import { LOOKS } from 'nx-cdk/src/report/stretches.ts';
import { hostile, lengthened } from 'nx-cdk/src/report/testing/hostile.ts';
import { syntheticRun } from 'nx-cdk/src/report/testing/synthetic-run.ts';
import { describeWithBrowser, openViewer, type Shown, type Viewer } from './browser.ts';
import { unreadable } from './contrast.ts';
import { recorded, RUNS } from './runs.ts';
import { shapesOf } from './shapes.ts';

const EACH = Object.keys(RUNS);

const pageOfRun = (name: string) => pageOf(RUNS[name]!());

describeWithBrowser('a page in a browser', () => {
  let viewer: Viewer;
  beforeAll(async () => {
    viewer = await openViewer();
  });
  afterAll(() => viewer?.close());

  describe.each(EACH)('of %s', (name) => {
    let shown: Shown;
    beforeAll(async () => {
      shown = await viewer.show(await pageOfRun(name));
    });
    afterAll(() => shown?.page.context().close());

    test('asks for nothing and complains of nothing', async () => {
      await shown.page.getByRole('heading', { level: 1 }).waitFor();
      expect(shown).toMatchObject({ complaints: [], requests: [] });
    });

    test('has names for what can be used', async () => {
      const { page } = shown;
      const timeline = page.getByRole('region', { name: 'Timeline' });
      expect(await timeline.getByRole('searchbox', { name: /^Search in/ }).count()).toBe(1);
      expect(await timeline.getByRole('radio', { name: /^all \d+$/ }).count()).toBe(1);
      expect(await page.getByRole('navigation', { name: 'Sections' }).getByRole('link').count()).toBeGreaterThan(2);
      expect(await page.locator('section:not([aria-labelledby]), svg:not([aria-hidden])').count()).toBe(0);
    });

    test('fits on a telephone', async () => {
      const { page } = shown;
      // With all that is folded.
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      for (const width of [400, 600]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
    });
  });

  test.each(['created', 'failed', 'plan', 'publish'])('of %s runs nothing that a name holds', async (name) => {
    const { page, complaints, requests } = await viewer.show(await pageOf(hostile(recorded(name))));
    for (const button of await page.getByRole('button', { name: 'Open all' }).all()) await button.click();
    expect(await page.evaluate(() => (globalThis as { ran?: unknown }).ran)).toBeUndefined();
    expect(await page.locator('img, iframe, base, object, [onload], [onerror], [onfocus]').count()).toBe(0);
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    await page.context().close();
  });

  test.each(['created', 'failed', 'plan', 'publish'])('of %s fits on a telephone whatever names hold', async (name) => {
    const { page } = await viewer.show(await pageOf(lengthened(recorded(name))));
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    for (const width of [400, 600, 1200]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    await page.context().close();
  });

  test('runs no script that gets into it, loads nothing and sends nothing: its policy forbids it', async () => {
    const { page, complaints } = await viewer.show(await pageOfRun('four stacks'));
    const sent = await page.evaluate(`(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = 1';
      document.head.append(script);
      document.body.setAttribute('onclick', 'window.ran = 2');
      document.body.click();
      const image = new Image();
      image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
      return fetch('data:text/plain,x').then(() => 'sent', () => 'refused');
    })()`);
    expect(sent).toBe('refused');
    expect(await page.evaluate('window.ran')).toBeUndefined();
    for (const what of ['script', 'event handler', 'image', 'onnect']) {
      expect(complaints).toContainEqual(expect.stringMatching(new RegExp(`${what}.*Content Security Policy`)));
    }
    await page.context().close();
  });

  test.each(EACH)('of %s is read without scripts, and opens what is folded', async (name) => {
    const { page } = await viewer.show(await pageOfRun(name), { javaScriptEnabled: false });
    expect(await page.getByRole('search').count()).toBe(0);
    const first = page.locator('details.item, details').first();
    await first.locator('summary').first().click();
    expect(await page.locator('main').innerText()).toMatch(/Service|assets/);
    expect(await page.locator('h2').count()).toBeGreaterThan(2);
    await page.context().close();
  });

  test('says first what went wrong, where, and what was skipped', async () => {
    const { page } = await viewer.show(await pageOfRun('a failure'), { javaScriptEnabled: false });
    const failure = page.getByRole('region', { name: 'What went wrong' });
    const told = async (term: string) =>
      failure
        .locator('dl > div')
        .filter({ has: page.getByText(term, { exact: true }) })
        .locator('dd')
        .innerText();
    expect(await told('What happened')).toMatch(/^UPDATE_FAILED: .*already exists/);
    expect(await told('Where')).toMatch(
      /^staging\/Data\/Taken AWS::SSM::Parameter\napps\/shop\/app\.mjs:33\n111111111111\/eu-west-1$/,
    );
    expect(await told('Next step')).toBe('the stack is as it was before: correct the cause and deploy again');
    expect(await failure.innerText()).toContain('3 skipped because of it');
    await failure.getByRole('link', { name: 'staging/Data' }).click();
    expect(page.url()).toMatch(/#item-0-staging\/Data$/);
    await page.context().close();
  });

  describe('bars', () => {
    const legendOf = ({ page }: Shown) => page.locator('.legend li').allInnerTexts();

    test.each([
      ['a plan with a replacement', 'finding out what would change', '.planning'],
      ['publishing again', 'sending an asset', '.sending'],
    ])('of %s are not those of changed resources', async (name, words, look) => {
      const shown = await viewer.show(await pageOfRun(name));
      expect(await shown.page.locator(`#list-timeline rect${look}`).count()).toBeGreaterThan(1);
      expect(await shown.page.locator('rect.work, rect.before').count()).toBe(0);
      expect(await legendOf(shown)).toContain(words);
      expect(await legendOf(shown)).not.toContain('changing resources');
      await shown.page.context().close();
    });

    test('are told apart without colours', async () => {
      const shown = await viewer.show(await pageOfRun('four stacks'));
      const shapes = Object.values(await shown.page.evaluate<Record<string, string>>(shapesOf(Object.keys(LOOKS))));
      expect(shapes).toEqual([...new Set(shapes)]);
      expect(shapes.filter((shape) => shape.includes('missing'))).toEqual([]);
      expect(shapes.length).toBe(Object.keys(LOOKS).length);
      await shown.page.context().close();
    });
  });

  test('opens the row that a link leads to', async () => {
    const { page } = await viewer.show(await pageOfRun('a plan with a replacement'));
    await page.getByRole('button', { name: 'Close all' }).first().click();
    const row = page.locator('[id="plan-prod/Service"]');
    expect(await row.getAttribute('open')).toBeNull();
    await page.getByRole('region', { name: 'Look twice' }).getByRole('link', { name: 'prod/Service' }).click();
    await page.waitForFunction("document.getElementById('plan-prod/Service').open");
    await page.context().close();
  });

  test.each(['four stacks', 'a failure', 'a plan with a replacement'])(
    'of %s: a keyboard reaches everything',
    async (name) => {
      const { page } = await viewer.show(await pageOfRun(name));
      // Of radio buttons, the keyboard reaches one, and its arrows the others.
      const reachable = 'a[href], button, input[type=search], input[type=radio]:checked, summary';
      const expected = await page.locator(reachable).filter({ visible: true }).count();
      const reached = await page
        .evaluate(() => 0)
        .then(async () => {
          for (let number = 0; number < expected; number += 1) {
            await page.keyboard.press('Tab');
            await page.evaluate("document.activeElement.dataset.reached = ''");
          }
          return page.locator(`:is(${reachable})[data-reached]`).count();
        });
      expect(reached).toBe(expected);
      await page.locator('details.item > summary').first().focus();
      const wasOpen = await page.locator('details.item').first().getAttribute('open');
      await page.keyboard.press('Enter');
      expect((await page.locator('details.item').first().getAttribute('open')) === null).toBe(wasOpen !== null);
      await page.context().close();
    },
  );

  describe('with many stacks', () => {
    const many = () => pageOf(syntheticRun({ stacks: 300, failEvery: 60 }));

    test('filters show what failed, what changed, and what is looked for, also in folds', async () => {
      const { page } = await viewer.show(await many());
      const timeline = page.getByRole('region', { name: 'Timeline' });
      const rows = timeline.locator('details.item').filter({ visible: true });
      const said = timeline.locator('output');
      const unchanged = page.locator('[id="item-0-staging/Service1"]');
      expect(await unchanged.isVisible()).toBe(false);

      await timeline.getByRole('radio', { name: /^failed/ }).check();
      expect(await rows.evaluateAll((all) => [...new Set(all.map((row) => row.getAttribute('data-kind')))])).toEqual([
        'failed',
      ]);
      expect(await said.innerText()).toBe(`${await rows.count()} of 300 shown`);

      await timeline.getByRole('radio', { name: /^all/ }).check();
      const search = timeline.getByRole('searchbox');
      await search.fill('SERVICE11');
      expect(await rows.locator('summary .name').allInnerTexts()).toEqual(
        expect.arrayContaining(['staging/Service11', 'staging/Service110']),
      );
      expect(await rows.count()).toBeLessThan(20);

      await search.fill('nothing is called so');
      expect(await rows.count()).toBe(0);
      expect(await said.innerText()).toBe('0 of 300 shown');

      await search.fill('staging/service1');
      expect(await unchanged.isVisible()).toBe(true);

      await search.fill('');
      expect(await unchanged.isVisible()).toBe(false);
      expect(await said.innerText()).toBe('');
      await page.context().close();
    });

    test('all rows open for paper, and close again', async () => {
      const { page } = await viewer.show(await pageOf(syntheticRun({ stacks: 20 })));
      const open = () => page.locator('details.item[open]').count();
      expect(await open()).toBe(0);
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(await open()).toBeGreaterThan(9);
      await page.evaluate("dispatchEvent(new Event('afterprint'))");
      expect(await open()).toBe(0);
      expect((await page.pdf()).length).toBeGreaterThan(10_000);
      await page.context().close();
    });
  });

  test.each(['light', 'dark'] as const)('%s: all text has the contrast of WCAG AA', async (colorScheme) => {
    for (const name of EACH.slice(0, 4)) {
      const { page } = await viewer.show(await pageOfRun(name), { colorScheme });
      for (const button of await page.getByRole('button', { name: 'Open all' }).all()) await button.click();
      expect({ name, unreadable: await page.evaluate(unreadable) }).toEqual({ name, unreadable: [] });
      await page.context().close();
    }
  });
});
