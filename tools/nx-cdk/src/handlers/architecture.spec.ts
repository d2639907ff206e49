import { ARCHITECTURES, type ArchitectureName } from './architecture.ts';

test.each<[ArchitectureName, string, string]>([
  ['x86_64', 'amd64', 'x86_64-unknown-linux-gnu'],
  ['arm64', 'arm64', 'aarch64-unknown-linux-gnu'],
])('%s is %s to Go and %s to Rust', (name, go, rust) => {
  expect(ARCHITECTURES[name]).toMatchObject({ name, go, rust });
});
