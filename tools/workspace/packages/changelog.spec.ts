import { released } from './changelog.ts';

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n### Added\n\n- Tea.\n\n## 1.0.0 - 2026-01-02\n\n- Water.\n';
const DAY = new Date('2026-11-28T12:00:00Z');

test('what is unreleased becomes the section of a version', () => {
  expect(released(CHANGELOG, '1.1.0', DAY)).toBe(
    '# Changelog\n\n## Unreleased\n\n## 1.1.0 - 2026-11-28\n\n### Added\n\n- Tea.\n\n## 1.0.0 - 2026-01-02\n\n- Water.\n',
  );
});

test('a version is there once', () => {
  const once = released(CHANGELOG, '1.1.0', DAY);
  expect(released(once, '1.1.0', DAY)).toBe(once);
});

test('a changelog without such a section is refused', () => {
  expect(() => released('# Changelog\n', '1.1.0', DAY)).toThrow('no section "## Unreleased"');
});
