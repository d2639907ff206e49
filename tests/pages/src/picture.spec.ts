import { createRequire } from 'node:module';
import { drawStacks } from 'nx-cdk/src/plan/index.ts';
import { HOSTILE } from 'nx-cdk/src/report/testing/hostile.ts';
import { describeWithBrowser, openViewer, type Shown, type Viewer } from './browser.ts';

/** The part of Mermaid that draws flowcharts, in one file. */
const MERMAID = createRequire(import.meta.url).resolve('@mermaid-js/tiny');

/** The width of a comment on GitHub, about, in pixels. A picture that is wider is made smaller. */
const COMMENT = 830;

/** What else has a meaning to Mermaid or to Markdown. */
const WORDS = [
  '%%{init: {"securityLevel": "loose"}}%%',
  '"]\n  click s0 href "javascript:alert(1)"',
  '#quot;#60;script#62;',
  '`**bold**`',
  '- item',
  '1. item',
  'end',
  '$$x^2$$',
  'fa:fa-car',
  '@{shape: x}',
  'a_b__c',
  '&lt;',
  'https://x.example/y',
  `a${'🎉'.repeat(40)}`,
];

/** What a browser shows of a picture. */
interface Drawn {
  /** What people read in boxes. */
  readonly labels: readonly string[];
  readonly arrows: number;
  /** Of letters in a comment, in pixels. */
  readonly letters: number;
  /** Elements that could do more than be looked at. */
  readonly active: number;
}

const stacksOf = (number: number, environments: readonly string[] = ['']) =>
  environments.flatMap((environment) =>
    Array.from(
      { length: number / environments.length },
      (_, index) => `${environment}${environment && '/'}Stack${index}`,
    ),
  );

/** A picture of stacks that need what `needs` says. */
function pictureOf(
  ids: readonly string[],
  needs: (index: number) => readonly string[],
  environments: readonly string[] = [],
) {
  const stacks = ids.map((id, index) => ({ id, dependencies: needs(index) }));
  const promotion = environments.map((name) => ({ name, stackIds: ids.filter((id) => id.startsWith(`${name}/`)) }));
  return drawStacks(
    ids.map((id) => ({ id, words: ['update', 'replaces'] })),
    { stacks, promotion },
  );
}

describeWithBrowser('the picture of a plan, drawn by Mermaid with the limits of GitHub', () => {
  let viewer: Viewer;
  let shown: Shown;
  beforeAll(async () => {
    viewer = await openViewer();
    shown = await viewer.show('<!doctype html><title>x</title><div id="drawn"></div>', {
      viewport: { width: COMMENT, height: 900 },
    });
    await shown.page.addScriptTag({ path: MERMAID });
    await shown.page.evaluate(
      "mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', maxTextSize: 50000, maxEdges: 500 })",
    );
  });
  afterAll(() => viewer?.close());

  /** @throws Error of Mermaid for what it does not draw */
  const draw = (picture: string): Promise<Drawn> => {
    const text = /^```mermaid\n(.*)\n```\n$/s.exec(picture)![1]!;
    return shown.page.evaluate(`(async () => {
      const { svg } = await mermaid.render('picture', ${JSON.stringify(text)});
      const place = document.getElementById('drawn');
      place.innerHTML = svg;
      const width = Number(place.querySelector('svg').getAttribute('viewBox').split(' ')[2]);
      return {
        labels: [...place.querySelectorAll('.nodeLabel')].map((label) => label.innerText),
        arrows: place.querySelectorAll('path.flowchart-link').length,
        letters: 16 * Math.min(1, ${COMMENT} / width),
        active: place.querySelectorAll('script, img, iframe, a, [onload], [onclick], [onerror]').length,
      };
    })()`);
  };

  const first = (ids: readonly string[]) => (index: number) => (index === 0 ? [] : [ids[0]!]);
  const before = (ids: readonly string[]) => (index: number) => (index === 0 ? [] : [ids[index - 1]!]);

  test.each([
    ['two stacks', pictureOf(stacksOf(2), before(stacksOf(2))), 2, 1],
    ['thirty that need nothing', pictureOf(stacksOf(30), () => []), 30, 0],
    ['thirty, one after the other', pictureOf(stacksOf(30), before(stacksOf(30))), 30, 29],
    ['thirty that need one', pictureOf(stacksOf(30), first(stacksOf(30))), 30, 29],
    [
      'thirty in three environments',
      pictureOf(stacksOf(30, ['dev', 'staging', 'prod']), () => [], ['dev', 'staging', 'prod']),
      33,
      2,
    ],
    [
      'fifteen that need fifteen others',
      pictureOf(stacksOf(30), (index) => (index < 15 ? [] : stacksOf(30).slice(0, 15))),
      30,
      225,
    ],
  ])('of %s can be read', async (_, picture, labels, arrows) => {
    const drawn = await draw(picture);
    expect(drawn.labels).toHaveLength(labels);
    expect(drawn.arrows).toBe(arrows);
    expect(drawn.letters).toBeGreaterThan(14);
  });

  test.each([40, 300])('of %d stacks is one of their environments, and can be read', async (number) => {
    const environments = ['staging', 'prod'];
    const drawn = await draw(pictureOf(stacksOf(number, environments), () => [], environments));
    const half = number / 2;
    expect(drawn.labels).toEqual(
      environments.map((name) => `${name}\n${half} stacks: ${half} update, ${half} replaces`),
    );
    expect(drawn.letters).toBeGreaterThan(14);
  });

  test('of hostile names has them as text, whole, and nothing that does anything', async () => {
    const names = [...WORDS, ...HOSTILE];
    const drawn = await draw(pictureOf(names, before(names)));
    const read = (text: string) => text.replaceAll(/[^\p{L}\p{N}<>"'#%@&/_]/gu, '').slice(0, 30);
    const labels = drawn.labels.map((label) => read(label.replace(/\nupdate, replaces$/, '')));
    // What is not seen is shown: that name is longer then.
    expect(labels.map((label, index) => label.startsWith(read(names[index]!).slice(0, 4)))).not.toContain(false);
    expect(labels.slice(0, -1)).toEqual(names.slice(0, -1).map(read));
    expect(drawn.labels.join()).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|\u202e/);
    expect(drawn.active).toBe(0);
    expect(drawn.letters).toBeGreaterThan(14);
    expect(await shown.page.evaluate('window.ran')).toBeUndefined();
    expect(shown.complaints).toEqual([]);
  });

  test('of the longest names stays below the limit of texts', () => {
    const names = Array.from({ length: 30 }, (_, index) => `${index}${'\u202E'.repeat(80)}`);
    const environments = names.map((name) => ({ name, stackIds: [`${name}/Stack`] }));
    const shownStacks = environments.map(({ stackIds }) => ({ id: stackIds[0]!, words: ['update'] }));
    const picture = drawStacks(shownStacks, { stacks: [], promotion: environments });
    expect(picture.length).toBeGreaterThan(5000);
    expect(picture.length).toBeLessThan(50_000);
  });
});
