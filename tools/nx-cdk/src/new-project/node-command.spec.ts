import { nodeCommand } from './node-command.ts';

test.each(['22.18.0', '22.20.1', '24.0.0', '26.1.0'])('Node %s runs TypeScript as it is', (version) => {
  expect(nodeCommand(version)).toEqual({ program: 'node', app: 'node src/main.ts', engine: '>=22.18', note: [] });
});

test.each(['22.12.0', '22.17.9'])('Node %s is told to, and so is the person', (version) => {
  const { program, app, engine, note } = nodeCommand(version);
  expect(engine).toBe('>=22.12');
  expect(program).toBe('node --experimental-strip-types');
  expect(app).toBe('node --experimental-strip-types src/main.ts');
  expect(note).toEqual([expect.stringContaining(version)]);
});
