import type { DiffRun } from './model.ts';
import { pageOf } from './page.ts';
import { comparison } from './testing/comparison.ts';

/** The text of a page, without markup. */
const textOf = (page: string) =>
  page
    .slice(page.indexOf('<main'))
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/\s+/g, ' ');

describe('the page of a comparison', () => {
  test('has what differs by target, what allows more first and open, and what was not compared on top', async () => {
    const page = await pageOf(comparison());
    const text = textOf(page);
    expect(page).toContain('<title>Compare shop');
    expect(text).toMatch(/What went wrong.*prod\/Blog.*no role can be assumed.*Differences/);
    expect(text.indexOf('prod/Service')).toBeLessThan(text.indexOf('prod/Data'));
    expect(text).toMatch(/prod\/Service ?allows more than now/);
    expect(page).toMatch(/id="diff-prod\/Service"[^>]* open/);
    expect(page).toMatch(/id="diff-prod\/Data"(?![^>]* open)/);
    expect(text).toContain('1 unchanged');
  });

  test('marks lines by what they say, and all else is text', async () => {
    const page = await pageOf(comparison());
    expect(page).toContain('<span class="good">[+] AWS::SQS::Queue Queue');
    expect(page).toContain('<span class="bad"> &#9500;&#9472; [-] 30</span>\n');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script>window');
  });

  test('of a comparison that ended early has what was told', async () => {
    const run: DiffRun = { ...comparison(), result: undefined };
    const page = await pageOf(run);
    expect(textOf(page)).toContain('What went wrong');
  });
});
