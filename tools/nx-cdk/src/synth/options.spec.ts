import { lookupsAllowed, parseContext } from './options.ts';

test.each([
  [undefined, true],
  ['', true],
  ['false', true],
  ['true', false],
  ['1', false],
  ['codebuild', false],
])('where CI is %j, lookups are allowed: %s', (CI, allowed) => {
  expect(lookupsAllowed(CI === undefined ? {} : { CI })).toBe(allowed);
});

describe('context as it is given', () => {
  test.each([
    ['nothing', undefined, {}],
    ['one value', 'stage=prod', { stage: 'prod' }],
    ['several', ['stage=prod', 'count=3'], { stage: 'prod', count: '3' }],
    ['a value with = and commas in it', 'query=a=1,b=2', { query: 'a=1,b=2' }],
    ['an empty value', 'suffix=', { suffix: '' }],
    ['an object of a project’s options, types kept', { count: 3, deep: { a: true } }, { count: 3, deep: { a: true } }],
  ])('%s', (_, given, expected) => {
    expect(parseContext(given)).toEqual(expected);
  });

  test.each(['stage', '=prod', ''])('"%s" is not key=value, and the sentence says how to write it', (entry) => {
    expect(() => parseContext([entry])).toThrow(
      expect.objectContaining({ code: 'Context', message: expect.stringContaining('--context key=value') }),
    );
  });
});
