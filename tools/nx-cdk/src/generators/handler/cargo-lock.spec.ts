import { hasCrate, withCrate } from './cargo-lock.ts';

const LOCK = `# made by cargo
version = 4

[[package]]
name = "bytes"
version = "1.0.0"

[[package]]
name = "tokio"
version = "1.0.0"
dependencies = [
 "bytes",
]
`;

const own = (name: string) => `[[package]]\nname = "${name}"\nversion = "0.0.0"\ndependencies = [\n "tokio",\n]\n`;
const [head, bytes, tokio] = LOCK.split('\n\n');

test.each([
  ['audit', [head, own('audit').trim(), bytes, tokio]],
  ['orders', [head, bytes, own('orders').trim(), tokio]],
  ['zoo', [head, bytes, tokio?.trim(), `${own('zoo')}`]],
])('a crate %s is at its place in the alphabet', (name, sections) => {
  expect(withCrate(LOCK, name, ['tokio'])).toBe(sections.join('\n\n'));
});

test('a name that a dependency has is known', () => {
  expect(hasCrate(LOCK, 'bytes')).toBe(true);
  expect(hasCrate(LOCK, 'orders')).toBe(false);
});
