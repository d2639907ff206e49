import { join } from 'node:path';
import { type LiveReport, serveReport } from 'nx-cdk/src/live/index.ts';
import { type OrderedItem, type ProgressEvent, Recorder } from 'nx-cdk/src/progress/index.ts';
import type { ShownRun } from 'nx-cdk/src/report/index.ts';
import { HOSTILE } from 'nx-cdk/src/report/testing/hostile.ts';
import { startProcess } from 'test-bed';
import { describeWithBrowser, openViewer, type Shown, type Viewer } from './browser.ts';
import { unreadable } from './contrast.ts';

/** A run that goes on, and the page of it in a browser. */
class Run {
  readonly #recorder = new Recorder();
  #success: boolean | undefined;
  live!: LiveReport;

  async open(viewer: Viewer, items = 3, order: readonly OrderedItem[] = []): Promise<Shown> {
    this.tell({ type: 'run-started', action: 'deploy', items, subject: `${items} stacks in 1 target`, order });
    for (let number = 1; number <= items; number += 1) this.begins(`staging/Stack${number}`);
    this.live = await serveReport(() => this.#shown());
    const shown = await viewer.open(this.live.address);
    await shown.page.getByText('Live: this page follows the run.').waitFor();
    return shown;
  }

  tell(event: ProgressEvent): void {
    this.#recorder.listener(event);
    this.live?.changed();
  }

  begins(id: string): void {
    this.tell({ type: 'item-started', id, label: id, where: '111111111111/eu-west-1' });
  }

  ends(id: string, outcome: 'created' | 'unchanged' | 'failed', detail?: string): void {
    this.tell({ type: 'item-finished', id, outcome, detail, milliseconds: 1000 });
  }

  async end(success = true): Promise<void> {
    this.tell({ type: 'run-finished', success, summary: 'all of it', milliseconds: 1000 });
    this.#success = success;
    await this.live.end();
  }

  #shown(): ShownRun {
    const ended = this.#success === undefined ? { success: true, goesOn: true as const } : { success: this.#success };
    return { format: 1, command: 'deploy', project: 'shop', ...ended, recording: this.#recorder.recording() };
  }
}

describeWithBrowser('a page of a run that goes on', () => {
  let viewer: Viewer;
  let run: Run;
  beforeAll(async () => {
    viewer = await openViewer();
  });
  beforeEach(() => {
    run = new Run();
  });
  afterEach(() => run.live?.end());
  afterAll(() => viewer?.close());

  const row = ({ page }: Shown, id: string) => page.locator(`[id="item-0-${id}"]`);
  const endOf = (shown: Shown, id: string) => row(shown, id).locator('summary .end');

  test('is brought up to date without being loaded again, and complete at the end', async () => {
    const shown = await run.open(viewer);
    const { page, complaints, requests } = shown;
    await page.evaluate('window.isTheSame = true');
    expect(await endOf(shown, 'staging/Stack1').innerText()).toContain('running');

    run.ends('staging/Stack1', 'created');
    await endOf(shown, 'staging/Stack1').getByText('created').waitFor();
    run.ends('staging/Stack2', 'failed', 'No room');
    await page.getByRole('region', { name: 'What went wrong' }).getByText('No room').waitFor();

    run.ends('staging/Stack3', 'created');
    await run.end(false);
    await page.getByText('The run has ended.').waitFor();
    expect(await page.title()).toBe('Deploy shop: failed');
    expect(await endOf(shown, 'staging/Stack3').innerText()).toContain('created');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(/failed$/);
    expect(await page.evaluate('window.isTheSame')).toBe(true);
    expect(complaints).toEqual([]);
    expect([...new Set(requests)]).toEqual([`${run.live.address}events`]);
    await page.context().close();
  });

  test('leaves what its reader has opened, focused, looked for and scrolled to', async () => {
    const shown = await run.open(viewer, 40);
    const { page } = shown;
    const opened = row(shown, 'staging/Stack30');
    await opened.locator('summary').click();
    await page.getByRole('radio', { name: /^changed/ }).check();
    await page.getByRole('radio', { name: /^all/ }).check();
    const search = page.getByRole('searchbox');
    await search.fill('Stack3');
    await search.press('ArrowLeft');
    await page.evaluate('scrollTo(0, 200)');
    const visible = page.locator('details.item').filter({ visible: true });
    expect(await visible.count()).toBe(11);

    run.begins('staging/Stack0');
    run.begins('staging/Stack300');
    // It moves into a fold, with others.
    for (const number of [30, 4, 5, 6, 7, 8]) run.ends(`staging/Stack${number}`, 'unchanged');
    await row(shown, 'staging/Stack300').waitFor();

    expect(await row(shown, 'staging/Stack0').isVisible()).toBe(false);
    expect(await visible.count()).toBe(12);
    expect(await opened.getAttribute('open')).toBe('');
    expect(await opened.locator('xpath=ancestor::details[contains(@class, "fold")]').count()).toBe(1);
    expect(await search.inputValue()).toBe('Stack3');
    expect(await search.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    expect(await search.evaluate((field) => (field as unknown as { selectionStart: number }).selectionStart)).toBe(5);
    expect(await page.evaluate('scrollY')).toBe(200);

    await search.fill('');
    await page.getByRole('radio', { name: /^under way/ }).check();
    expect(await page.locator('details.item').filter({ visible: true }).count()).toBe(36);
    await page.context().close();
  });

  test('has a row for what has not begun, which says what it waits for', async () => {
    const where = '111111111111/eu-west-1';
    const shown = await run.open(viewer, 1, [
      { id: 'staging/Stack1', after: [], where },
      { id: 'staging/Api', after: ['staging/Stack1'], where },
      { id: 'prod/Api', after: ['promotion:staging'], where },
      { id: 'promotion:staging', after: ['staging/Stack1', 'staging/Api'], barrier: true },
    ]);
    const { page } = shown;
    const waiting = async (id: string) => row(shown, id).locator('summary').innerText();
    expect(await waiting('staging/Api')).toMatch(/^staging\/Api\s+for staging\/Stack1\s+… waiting$/);
    expect(await waiting('prod/Api')).toMatch(/^prod\/Api\s+for the environment staging\s+… waiting$/);
    await page.getByRole('radio', { name: 'waiting 2' }).check();
    expect(await page.locator('details.item').filter({ visible: true }).count()).toBe(2);
    await page.getByRole('radio', { name: /^all/ }).check();
    expect(await page.locator('.facts').innerText()).toContain('0 done, 1 under way, 2 waiting');

    run.ends('staging/Stack1', 'created');
    await row(shown, 'staging/Api').getByText('for a free place').waitFor();
    expect(await page.evaluate(unreadable)).toEqual([]);
    run.begins('staging/Api');
    await endOf(shown, 'staging/Api').getByText('running').waitFor();
    expect(await page.locator('[data-group]').count()).toBe(2);
    await page.context().close();
  });

  test('runs nothing that a name holds', async () => {
    const shown = await run.open(viewer);
    const { page, complaints } = shown;
    const id = `staging/${HOSTILE.join(' ')}`;
    run.begins(id);
    run.ends(id, 'failed', HOSTILE.join('\n'));
    run.tell({ type: 'message', level: 'warning', text: HOSTILE.join(' ') });
    await page.getByRole('region', { name: 'What went wrong' }).waitFor();
    await page.getByRole('button', { name: 'Open all' }).click();
    await run.end(false);
    await page.getByText('The run has ended.').waitFor();
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(await page.locator('img, iframe, base, object, [onload], [onerror], [onfocus]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('may ask nobody but its command, and cannot be shown in another page', async () => {
    const { page } = await run.open(viewer);
    const asked = (address: string) =>
      page.evaluate(`fetch(${JSON.stringify(address)}).then(({ status }) => status, () => 'refused')`);
    expect(await asked('./')).toBe(200);
    expect(await asked('data:text/plain,x')).toBe('refused');
    const frame = await viewer.show(`<!doctype html><iframe src="${run.live.address}"></iframe>`);
    const inside = frame.page.frames()[1]!;
    await inside.waitForLoadState();
    expect(await inside.locator('#page').count()).toBe(0);
    await Promise.all([page, frame.page].map((one) => one.context().close()));
  });

  test('tells its reader when the command is killed', async () => {
    const command = startProcess(process.execPath, ['--no-warnings', join(import.meta.dirname, 'served.ts')], {
      cwd: import.meta.dirname,
      env: { PATH: process.env['PATH'] ?? '' },
    });
    await command.wrote(/http:\S+\n/);
    const { page } = await viewer.open(/http:\S+/.exec(command.output())![0]);
    await page.getByText('Live: this page follows the run.').waitFor();
    command.kill('SIGKILL');
    await page.getByText('The connection is lost').waitFor();
    expect(await page.locator('details.item').count()).toBe(20);
    await command.ended;
    await page.context().close();
  });
});
