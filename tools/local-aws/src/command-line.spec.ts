import { commands, parseCommandLine } from './command-line.ts';
import { locateInstance } from './locations.ts';

describe('the command line', () => {
  test.each(commands)('%s is a command and explains itself', (command) => {
    expect(parseCommandLine([command, ...(command === 'up' ? ['shop'] : [])])).toMatchObject({ command });
    expect(parseCommandLine([command, '--help'])).toContain(`Usage: local-aws ${command}`);
    expect(parseCommandLine(['--help'])).toContain(command);
  });

  test('reads a port, an instance and a directory', () => {
    expect(parseCommandLine(['start', '--port=0', '--instance', 'tests', '--directory=/tmp/x'])).toMatchObject({
      port: 0,
      instance: 'tests',
      directory: '/tmp/x',
    });
  });

  test('reads the projects of up, and no names after another command', () => {
    expect(parseCommandLine(['up', 'shop', '--port=0', 'blog'])).toMatchObject({ projects: ['shop', 'blog'], port: 0 });
    expect(() => parseCommandLine(['up'])).toThrow('up needs a project');
    expect(() => parseCommandLine(['stop', 'shop'])).toThrow('"stop shop" is no command');
  });

  test.each([
    [[], 'No command'],
    [['launch'], '"launch" is no command'],
    [['start', '--port=http'], '--port=http is no port'],
    [['start', '--port=70000'], '--port=70000 is no port'],
    [['env', '--account=12'], '--account=12 is no account id'],
    [['start', '--fast'], "Unknown option '--fast'"],
  ])('%j is refused with one sentence', (args, sentence) => {
    expect(() => parseCommandLine(args)).toThrow(sentence);
  });

  test.each(['../elsewhere', 'python-3', 'A', ''])('"%s" is no name for an instance', (name) => {
    expect(() => locateInstance({ instance: name })).toThrow('is no name for an instance');
  });
});
