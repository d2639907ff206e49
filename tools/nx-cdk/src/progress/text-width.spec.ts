import { oneLine, withoutColours, withoutEscapes } from './index.ts';

const BEGIN = '\u001b]!';
const END = '\u0007';

test('commands to a terminal are left out: colours, movements, titles, links', () => {
  const link = '\u001b]8;;https://example.com\u001b\\name\u001b]8;;\u0007';
  expect(withoutEscapes(`\u001b[1;31mred\u001b[0m \u009b2Jgone ${link} \u001b]0;title\u0007 \u001b(Bx \u001bcy`)).toBe(
    'red gone name  x y',
  );
});

test('of a command without an end, nothing vanishes but its beginning', () => {
  expect(withoutEscapes(`one${BEGIN}\nAdmin\ntwo${END}`)).toBe(`one!\nAdmin\ntwo${END}`);
  expect(oneLine(`one${BEGIN}\nAdmin\ntwo${END}`)).toBe('one! Admin two');
});

test('between two names nothing vanishes, also in one line', () => {
  expect(withoutColours(`\u001b[32m+\u001b[39m a${BEGIN} │ Allow │ b${END}\n`)).toBe(
    '+ a\u{fffd}]! │ Allow │ b\u{fffd}\n',
  );
});

test('a megabyte of commands without an end takes no longer than other text', () => {
  const text = '\u001b]a'.repeat(350_000);
  const begun = performance.now();
  withoutEscapes(text);
  withoutColours(text);
  expect(performance.now() - begun).toBeLessThan(2000);
});
