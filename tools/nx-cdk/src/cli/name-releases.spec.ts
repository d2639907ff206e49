import { readFileSync, writeFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { releasesAsMarkdown, releasesInShort } from './name-releases.ts';
import { runCli } from './run.ts';

const digest = (digits: string) => digits.repeat(64 / digits.length);
const INFRA = digest('5c0d1f3a9b7e0000');
const QUOTES = digest('91be7720c4d10000');
const TWO = new Map([
  ['infra', INFRA],
  ['@acme/quotes', QUOTES],
]);

/** What somebody who runs code in the job of synthesis could call a project. */
const EVIL = '</code> | **approved** @everyone [b](https://evil.example) ::error::x infra 5c0d1f3a9b7e';

describe('in short', () => {
  test('each release has its first digits', () => {
    expect(releasesInShort(TWO)).toBe('infra 5c0d1f3a9b7e, @acme/quotes 91be7720c4d1');
  });

  test('of many apps the first are named, and how many more there are', () => {
    const many = new Map(Array.from({ length: 60 }, (_, index) => [`project-${index}`, INFRA]));
    const line = releasesInShort(many);
    expect(line).toMatch(/^project-0 5c0d1f3a9b7e, .*, project-2 5c0d1f3a9b7e and 57 more$/);
    expect(line.length).toBeLessThan(100);
  });

  test('a long name leaves room for the digits', () => {
    const line = releasesInShort(new Map([[`a${'b'.repeat(200)}`, INFRA]]));
    expect(line).toMatch(/^ab+\.\. 5c0d1f3a9b7e$/);
    expect(line.length).toBeLessThan(50);
  });

  test('no name looks like another release, a command or a second line', () => {
    const line = releasesInShort(new Map([[EVIL, QUOTES]]));
    expect(line).toMatch(/^[\w@./-]{1,30} 91be7720c4d1$/);
    expect(releasesInShort(new Map([['infra 5c0d1f3a9b7e', QUOTES]]))).toBe('infra_5c0d1f3a9b7e 91be7720c4d1');
  });
});

describe('the table', () => {
  test('has all digits, and the commit', () => {
    expect(releasesAsMarkdown(TWO, 'abc')).toBe(`**Releases of commit <code>abc</code>**

| Project | Release | All digits |
| --- | --- | --- |
| <code>infra</code> | <code>5c0d1f3a9b7e</code> | <code>${INFRA}</code> |
| <code>&#64;acme/quotes</code> | <code>91be7720c4d1</code> | <code>${QUOTES}</code> |

`);
  });

  test('is not broken by a name, and mentions nobody', () => {
    const row = releasesAsMarkdown(new Map([[EVIL, QUOTES]]))
      .split('\n')
      .at(4)!;
    expect(row.split(' | ')).toHaveLength(3);
    expect(row).not.toMatch(/@everyone|\*\*|\]\(|https:\/\/|<\/code> &#124;.*<\/code> \|.*\|.*\|/);
    expect(row.match(/<\/?\w+>/g)).toEqual(Array.from({ length: 3 }, () => ['<code>', '</code>']).flat());
  });
});

describe('nx-cdk name-releases', () => {
  let workspace: TemporaryWorkspace;
  let summary: string;
  beforeEach(() => {
    workspace = temporaryWorkspace({ 'nx.json': {} });
    summary = workspace.path('summary.md');
    writeFileSync(summary, 'Before\n');
    process.env['GITHUB_STEP_SUMMARY'] = summary;
  });
  afterEach(() => {
    delete process.env['GITHUB_STEP_SUMMARY'];
    workspace.dispose();
  });

  const run = async (releases: string) => {
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const code = await runCli(['name-releases', `--releases=${releases}`, `--commit=abc`], {
      folder: workspace.root,
      print: (line) => void stdout.push(line),
      explain: (line) => void stderr.push(line),
    });
    return { code, stdout, stderr };
  };

  test('prints one line, tells all digits in the log, and adds the table to the summary of the job', async () => {
    expect(await run(`infra=${INFRA},${EVIL}=${QUOTES}`)).toEqual({
      code: 0,
      stdout: [expect.stringMatching(/^infra 5c0d1f3a9b7e, \S+ 91be7720c4d1$/)],
      stderr: ['Releases of commit abc:', `  infra ${INFRA}`, `  ${EVIL} ${QUOTES}`],
    });
    expect(readFileSync(summary, 'utf8')).toMatch(/^Before\n\*\*Releases of commit /);
  });

  test('a name that a CI would obey is taken apart in the log', async () => {
    const { stderr } = await run(`::add-mask::x=${INFRA},\u202eevil=${QUOTES}`);
    expect(stderr.slice(1)).toEqual([`  : :add-mask::x ${INFRA}`, `  <U+202E>evil ${QUOTES}`]);
  });

  test.each(['', 'infra', `infra=${INFRA}\nquotes=${QUOTES}`, `infra=${INFRA},infra=${QUOTES}`])(
    'what is no list of releases is refused: %j',
    async (releases) => {
      expect(await run(releases)).toMatchObject({ code: 1, stdout: [] });
      expect(readFileSync(summary, 'utf8')).toBe('Before\n');
    },
  );
});
