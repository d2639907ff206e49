import { commandsObject } from 'nx/src/command-line/nx-commands.js';
import manifest from '../../executors.json' with { type: 'json' };

/** How yargs is asked for its commands, which the types of Nx leave out. */
const yargs = commandsObject as unknown as {
  getInternalMethods(): { getCommandInstance(): { getCommandHandlers(): object } };
};

test('no target is called as a command of Nx, which would be run instead', () => {
  const commands = Object.keys(yargs.getInternalMethods().getCommandInstance().getCommandHandlers());
  expect(commands).toContain('import');
  expect(Object.keys(manifest.executors).filter((name) => commands.includes(name))).toEqual([]);
});
