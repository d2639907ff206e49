import { exportsIn, importsIn, typesIn } from './template.ts';

test.each([
  ['nothing', null],
  ['a text', 'Resources'],
  ['lists where objects belong', { Resources: [1, [2]], Outputs: [[]] }],
  ['what every object has', { Resources: Object.create({ Type: 'x' }) as object, Outputs: { constructor: {} } }],
])('a template that is %s has no exports and imports', (_, template) => {
  expect(exportsIn(template)).toEqual([]);
  expect(importsIn(template)).toEqual([]);
  expect(typesIn(template).every((type) => type === 'undefined')).toBe(true);
});

test('a template may be nested as deep as somebody likes', () => {
  const depth = 200_000;
  const deep = JSON.parse(`${'['.repeat(depth)}{"Fn::ImportValue":"deep"}${']'.repeat(depth)}`) as unknown;
  expect(importsIn(deep).map(({ name }) => name)).toEqual(['deep']);
  expect(importsIn({ 'Fn::ImportValue': deep }).map(({ name }) => name)).toContain('(a name that cannot be read)');
});

test('each import is told once, and a long name is cut', () => {
  const long = 'x'.repeat(1000);
  const found = importsIn({
    a: { 'Fn::ImportValue': 'b' },
    c: [{ 'Fn::ImportValue': 'b' }, { 'Fn::ImportValue': long }],
  });
  expect(found.map(({ name }) => name)).toEqual(['b', `${'x'.repeat(200)}…`]);
  expect(found[1]!.key).toBe(long);
});
