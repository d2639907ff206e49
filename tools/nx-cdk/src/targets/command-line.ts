/** What a command of Nx was asked for. */
export interface CommandLine {
  /** The targets to run; none if the command runs no targets. */
  readonly targets: readonly string[];
  /** Whether it is about one project: then there is one target, too. */
  readonly single: boolean;
  /** What was given with `-c`, or as the third part of `project:target:configuration`. */
  readonly configuration: string | undefined;
}

/** Commands of Nx that take their targets from an option. */
const MANY = ['run-many', 'affected'];

/**
 * Reads `nx deploy app -c x`, `nx run app:deploy:x` and `nx run-many -t deploy publish --configuration=x`.
 *
 * @param argv as Node has it, with the program and its script first
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const args = argv.slice(2);
  const end = args.indexOf('--');
  const own = (end === -1 ? args : args.slice(0, end)).flatMap((arg) => {
    const at = arg.indexOf('=');
    return arg.startsWith('-') && at !== -1 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg];
  });
  const after = (at: number) => {
    const values = own.slice(at + 1);
    const next = values.findIndex((value) => value.startsWith('-'));
    return next === -1 ? values : values.slice(0, next);
  };
  const isName = (arg: string | undefined) => arg === '-c' || arg === '--configuration';
  const [command = '', ...rest] = own.filter((arg, at) => !arg.startsWith('-') && !isName(own[at - 1]));
  const single = !MANY.includes(command);
  const one = command === 'run' ? rest[0]?.split(':') : command.includes(':') ? command.split(':') : undefined;
  const given = own.findLastIndex(isName);
  const configuration = (given === -1 ? undefined : after(given)[0]) ?? one?.slice(2).join(':');
  // Nx runs all of them, however often the option is there.
  const many = () =>
    own
      .flatMap((arg, at) => (['-t', '--target', '--targets'].includes(arg) ? after(at) : []))
      .flatMap((names) => names.split(','));
  const targets = single ? [one?.[1] ?? command] : many();
  return { targets, single, configuration: configuration === '' ? undefined : configuration };
}
