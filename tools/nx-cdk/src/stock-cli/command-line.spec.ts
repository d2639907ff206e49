import { readCommandLine } from './command-line.ts';

test.each([
  ['', 'local'],
  ['--version', 'local'],
  ['doctor', 'local'],
  ['deploy --help', 'local'],
  ['ls -l', 'reads-assembly'],
  ['diff staging/Data', 'reads'],
  ['destroy --all', 'changes'],
  ['deploy -e staging/Data -c key=value -O out.json -v', 'ships'],
  // the value of an option, or a pattern after the end of options
  ['deploy --parameters --help', 'ships'],
  ['deploy -- --help', 'ships'],
  // of a later CLI
  ['teleport', 'ships'],
])('cdk %s: %s', (words, doing) => {
  expect(readCommandLine(words === '' ? [] : words.split(' ')).doing).toBe(doing);
});

test('without a command, the CLI shows its help', () => {
  expect(readCommandLine([])).toMatchObject({ command: '', rest: ['--help'] });
});

test.each([
  ['--app=x deploy', 'begins with --app=x and not with a command'],
  ['deploy --app x', '--app is not for this target: leave it out: it is the assembly of nx synth'],
  ['list -a x', '-a is not for this target'],
  ['deploy -va x', '-va is not for this target'],
  ['deploy --roleArn=x', '--roleArn=x is not for this target: leave it out: a stack is changed with the roles'],
  ['deploy -r x', '-r is not for this target'],
  ['deploy --watch', '--watch is not for this target'],
  ['watch', 'cdk watch runs the app again'],
])('cdk %s is refused', (words, sentence) => {
  expect(() => readCommandLine(words.split(' '))).toThrow(
    expect.objectContaining({ code: 'BadOption', message: expect.stringContaining(sentence) }),
  );
});

test('what runs without the assembly takes any option', () => {
  expect(readCommandLine(['init', 'app', '-l', 'typescript']).rest).toEqual(['app', '-l', 'typescript']);
});
