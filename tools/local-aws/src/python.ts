import { run } from '@nx-cdk/processes';
import { LocalAwsError } from './local-aws-error.ts';

/** An interpreter that can run the local AWS. */
export interface Python {
  /** The real executable, version manager shims resolved. */
  readonly executable: string;
  /** Such as `3.11.7`. */
  readonly version: string;
  /** Whether `venv` can put pip into an environment; Debian leaves this out unless python3-venv is installed. */
  readonly hasEnsurePip: boolean;
  readonly hasVenv: boolean;
  readonly hasPip: boolean;
}

const minimum = { major: 3, minor: 10 };

const candidates = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];

const probe = `
import importlib.util, json, platform, sys
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({"executable": sys.executable, "version": platform.python_version(),
                  "hasEnsurePip": has("ensurepip"), "hasVenv": has("venv"), "hasPip": has("pip")}))
`;

/**
 * The Python that `LOCAL_AWS_PYTHON` names, or the first that is new enough of python3, python3.14 to python3.10 and
 * python on the path. A version manager's shim without an installed version is skipped.
 *
 * @throws LocalAwsError `NoPython`, naming what was found
 */
export async function findPython(
  environment: NodeJS.ProcessEnv = process.env,
  ask: (command: string) => Promise<Python | undefined> = (command) => describePython(command, environment),
): Promise<Python> {
  const named = environment['LOCAL_AWS_PYTHON'];
  const tooOld: string[] = [];
  for (const command of named ? [named] : candidates) {
    const python = await ask(command);
    if (!python) continue;
    if (isNewEnough(python.version)) return python;
    tooOld.push(`${command} is ${python.version}`);
  }
  const needed = `The local AWS needs Python ${minimum.major}.${minimum.minor} or newer`;
  if (named)
    throw new LocalAwsError(
      'NoPython',
      tooOld.length
        ? `${needed}, and LOCAL_AWS_PYTHON names an older one: ${tooOld.join(', ')}.`
        : `${needed}, and LOCAL_AWS_PYTHON names "${named}", which does not run: name a Python interpreter, or unset it.`,
    );
  throw new LocalAwsError(
    'NoPython',
    `${needed}, and there is none on the path${tooOld.length ? ` (${tooOld.join(', ')})` : ''}: ` +
      'install one, or name it with LOCAL_AWS_PYTHON=/path/to/python3.',
  );
}

/** Whether a version such as `3.11.7` is at least the one that MiniStack needs. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > minimum.major || (major === minimum.major && minor >= minimum.minor);
}

async function describePython(command: string, environment: NodeJS.ProcessEnv): Promise<Python | undefined> {
  // -I: the current folder and PYTHON* variables do not change what this interpreter is.
  const { failure, stdout } = await run(command, ['-I', '-c', probe], { env: environment, timeout: 20_000 });
  return failure === undefined ? (JSON.parse(stdout) as Python) : undefined;
}
