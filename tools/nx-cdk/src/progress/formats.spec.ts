import { formatDuration, formatElapsed } from './duration.ts';
import { formatTable } from './table.ts';
import stringWidth from 'string-width';
import { cutToWidth, manyLines, oneLine, padToWidth } from './text-width.ts';

describe('durations', () => {
  test.each([
    [0, '0.0 s'],
    [400, '0.4 s'],
    [12_300, '12.3 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [3_725_000, '1 h 2 min'],
    [-5, '0.0 s'],
    [Number.NaN, '0.0 s'],
  ])('given %d ms, then people read %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test('given a running clock, then it counts whole seconds', () => {
    expect([400, 12_300, 125_000].map(formatElapsed)).toEqual(['0 s', '12 s', '2 min 5 s']);
  });
});

describe('display width', () => {
  test('given wide characters, emoji, accents and colours, then columns are counted, not characters', () => {
    expect(
      ['abc', 'データ', '🚀', 'e\u0301', '\u001b[31mred\u001b[39m', '✔ …'].map((text) => stringWidth(text)),
    ).toEqual([3, 6, 2, 1, 3, 3]);
  });

  test('given a text that is too wide, when cut, then it fits, says so and ends its colour', () => {
    expect(cutToWidth('abcdef', 4)).toBe('abc…');
    expect(cutToWidth('データ', 4)).toBe('デ…');
    expect(cutToWidth('\u001b[31mabcdef\u001b[39m', 4)).toBe('\u001b[31mabc\u001b[39m…');
    expect(cutToWidth('abc', 3)).toBe('abc');
    expect(cutToWidth('abc', 0)).toBe('');
  });

  test('given a wide text, when padded, then columns are filled', () => {
    expect(padToWidth('デ', 4)).toBe('デ  ');
    expect(padToWidth('1', 3, 'right')).toBe('  1');
  });

  test('given text with escape codes and line ends from outside, then it cannot move the cursor or start a line', () => {
    expect(oneLine('bad\u001b[2J\r\n  reason\u0007')).toBe('bad reason');
    expect(manyLines('a\u001b[1A\r\nb\tc\u0000')).toEqual(['a', 'b  c']);
  });

  test('given a text that would be read in another order, or has what nobody sees, then that is shown', () => {
    expect(oneLine('staging\u202edorp\u202c')).toBe('staging<U+202E>dorp<U+202C>');
    expect(manyLines('Allow \u2066*\u2069\nad\u200bmin')).toEqual(['Allow <U+2066>*<U+2069>', 'ad<U+200B>min']);
    // What joins letters and emoji belongs to them.
    expect(oneLine('👩\u200d💻 می\u200cخواهم')).toBe('👩\u200d💻 می\u200cخواهم');
  });

  describe('given a name that is a command to a CI, then the CI has nothing to obey', () => {
    const names = [
      '::add-mask::prod',
      '  ::error file=app.ts::all is lost',
      'fine\r::set-env name=PATH::/tmp',
      'fine\n\u2028::stop-commands::x',
      '\u001b[31m::debug::x',
      ':::group::x',
      'text ##[set-output name=x]y',
      '##vso[task.setvariable variable=x]y',
      "###teamcity[buildStop comment='x']",
      '\u001b[0Ksection_start:1560896352:hidden[collapsed=true]\r\u001b[0K',
    ];
    // As ActionCommand.cs of actions/runner reads a line, and in the manner of the others.
    const obeyed = (line: string) =>
      line.trimStart().startsWith('::') || /##(\w*)\[/.test(line) || /section_(start|end):\d/.test(line);

    test.each(names)('%j', (name) => {
      expect([oneLine(name), ...manyLines(name), ...manyLines(`first\n${name}`)].filter(obeyed)).toEqual([]);
    });

    test.each(['AWS::S3::Bucket', 'a::b', '#1', '## heading', 'x[0]'])('%s stays as it is', (name) => {
      expect([oneLine(name), ...manyLines(name)]).toEqual([name, name]);
    });
  });
});

describe('table', () => {
  const rows = [
    { stack: 'staging/Data', seconds: 12.3, url: undefined },
    { stack: 'staging/データ', seconds: 0.4, url: 'https://abc.example/prod' },
  ];
  const columns = [
    'stack',
    { key: 'seconds', title: 's', align: 'right' },
    { key: 'url', title: 'URL', whole: true },
  ] as const;

  test('given room enough, then cells are aligned by display width', () => {
    expect(formatTable(rows, columns, { width: 80 }).split('\n')).toEqual([
      'stack              s  URL',
      '──────────────  ────  ────────────────────────',
      'staging/Data    12.3',
      'staging/データ   0.4  https://abc.example/prod',
    ]);
  });

  test('given too little room, then the widest column gives way, and one to be kept whole does not', () => {
    const lines = formatTable(rows, columns, { width: 42, indent: 2 }).split('\n');
    expect(lines[3]).toBe('  staging…   0.4  https://abc.example/prod');
    expect(Math.max(...lines.map((text) => stringWidth(text)))).toBeLessThanOrEqual(42);
  });

  test('given no rows, then the headings stand alone; given no columns, then nothing', () => {
    expect(formatTable([], ['a', 'b'])).toBe('a  b\n─  ─');
    expect(formatTable(rows, [])).toBe('');
  });
});
