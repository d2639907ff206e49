import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Where a machine may have a browser; none is downloaded. */
const CHROMIUM = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome']
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));

/** Whether there is one. */
function hasBrowser(): boolean {
  if (CHROMIUM !== undefined) return true;
  console.warn(
    'There is no Chromium here: the tests of pages in a browser are skipped. Install it (apt install chromium), or name its program in CHROMIUM_PATH.',
  );
  return false;
}

/** `describe` of what needs a browser. */
export const describeWithBrowser = (name: string, body: () => void) =>
  (hasBrowser() ? describe : describe.skip)(name, body);

/** A browser that shows pages, from files and from where they are served. */
export interface Viewer {
  /** Opens a page; what it complains of and asks for is in `Shown`. */
  show(html: string, options?: BrowserContextOptions): Promise<Shown>;
  /** Opens the page at an address. */
  open(address: string, options?: BrowserContextOptions): Promise<Shown>;
  close(): Promise<void>;
}

export interface Shown {
  readonly page: Page;
  /** What the console said as an error, errors of scripts, and what the policy of the page forbade. */
  readonly complaints: readonly string[];
  /** Addresses that it asked for, besides its own. */
  readonly requests: readonly string[];
}

export async function openViewer(): Promise<Viewer> {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--no-first-run'];
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args });
  let number = 0;
  const open = async (address: string, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => request.url().split('#')[0] !== address && requests.push(request.url()));
    await page.goto(address);
    return { page, complaints, requests };
  };
  return {
    show: async (html, options) => {
      const file = join(folder, `${(number += 1)}.html`);
      await writeFile(file, html);
      return open(pathToFileURL(file).href, options);
    },
    open,
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
