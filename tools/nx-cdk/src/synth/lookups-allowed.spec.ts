import { lookupsAllowed } from './lookups-allowed.ts';

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
