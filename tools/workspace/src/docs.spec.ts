import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { FAILURE_CODES } from 'nx-cdk/failure';
import { ROOMS, ROOMS_FOLDER } from '../lint/rooms.ts';
import { WORKSPACE_ROOT } from './workspace-root.ts';
import { OPTIONS_PAGE, WRITE_OPTIONS_PAGE, optionsPage } from './options-page.ts';

const PAGES = [
  ...globSync('*.md', { cwd: WORKSPACE_ROOT }),
  ...globSync('docs/**/*.md', { cwd: WORKSPACE_ROOT }),
  ...globSync('{apps,libs,tools,tests}/*/*.md', { cwd: WORKSPACE_ROOT }),
];

test('every option is documented as its schema says', async () => {
  if (read(OPTIONS_PAGE) === (await optionsPage())) return;
  throw new Error(`${OPTIONS_PAGE} is not what the schemas say: run ${WRITE_OPTIONS_PAGE} and commit it.`);
});

test('every failure code is explained, and no other', () => {
  expect(headings('docs/troubleshooting.md', 3)).toEqual([...FAILURE_CODES]);
});

test('the lists of pages and decisions name each page', () => {
  const listed = (page: string) => linksOf(page).map(({ path }) => path);
  const inFolder = (folder: string) => globSync(`${folder}/*.md`, { cwd: WORKSPACE_ROOT });

  expect(listed('docs/README.md')).toEqual(expect.arrayContaining(inFolder('docs').filter(isNoIndex)));
  expect(listed('docs/decisions/README.md')).toEqual(
    expect.arrayContaining(inFolder('docs/decisions').filter(isNoIndex)),
  );
});

test('the map shows every room', () => {
  const map = read('ARCHITECTURE.md');

  expect(Object.keys(ROOMS).filter((room) => !map.includes(`\`${room}\``))).toEqual([]);
});

test('the security model repeats what README promises, word for word', () => {
  const words = (page: string) => read(page).replace(/\s+/g, ' ');
  const [, promises = ''] = /\n\n(- \*\*[^]*?)\n\n/.exec(read('README.md')) ?? [];
  const each = promises
    .split(/^- /m)
    .slice(1)
    .map((promise) => promise.trim().replace(/\s+/g, ' '));
  // The last one is about speed.
  const ofSecurity = each.slice(0, -1);

  expect(ofSecurity).toHaveLength(4);
  expect(ofSecurity.filter((promise) => !words('docs/security-model.md').includes(promise))).toEqual([]);
});

test.each(PAGES)('%s leads nowhere that does not exist', (page) => {
  const links = linksOf(page).filter(({ path, anchor }) => !leadsSomewhere(path, anchor));
  const files = filesNamedIn(page).filter((path) => !existsSync(join(WORKSPACE_ROOT, path)));

  expect([...links.map(({ text }) => text), ...files]).toEqual([]);
});

function read(page: string): string {
  return readFileSync(join(WORKSPACE_ROOT, page), 'utf8');
}

function isNoIndex(page: string): boolean {
  return !page.endsWith('README.md');
}

/** Links of a page to files of the workspace, as paths from its root. */
function linksOf(page: string): { text: string; path: string; anchor: string | undefined }[] {
  const prose = read(page).replace(/^```[^]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, text = '']) => {
    if (/^[a-z]+:/.test(text)) return [];
    const [file = '', anchor] = text.split('#');
    const path = file === '' ? page : relative(WORKSPACE_ROOT, join(WORKSPACE_ROOT, dirname(page), file));
    return [{ text, path, anchor }];
  });
}

/** Paths in backticks, from the root of the workspace or from the folder of rooms; not those of what builds make. */
function filesNamedIn(page: string): string[] {
  const named = [...read(page).matchAll(/`(([\w.-]+)\/[\w./-]*)`/g)].flatMap(([, path = '', folder = '']) => {
    if (folder in ROOMS) return [join(ROOMS_FOLDER, path)];
    return ['apps', 'libs', 'tools', 'tests', 'docs', '.ci', '.github'].includes(folder) ? [path] : [];
  });
  return named.filter((path) => !/\/(cdk\.out|dist)(\/|$)/.test(path));
}

function leadsSomewhere(path: string, anchor: string | undefined): boolean {
  if (!existsSync(join(WORKSPACE_ROOT, path))) return false;
  return anchor === undefined || headings(path).map(slug).includes(anchor);
}

function headings(page: string, level?: number): string[] {
  const marks = level === undefined ? '#+' : `#{${level}}`;
  return [...read(page).matchAll(new RegExp(`^${marks} (.+)$`, 'gm'))].map(([, text]) => text!);
}

/** The anchor that GitHub gives a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
