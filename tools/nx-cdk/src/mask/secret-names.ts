const SECRET =
  /pass(word|wd|phrase|code)|pwd|secret|token|credential|authorization|(api|access|private|signing|encryption|master)[_-]?key|connection[_-]?string/i;

/** Properties whose members are variables of a program: any of them may hold a secret, whatever it is called. */
const VARIABLES = /^(Variables|EnvironmentVariables|Environment|EnvironmentMap)$/;

/** Whether a property, parameter or output is called like something that is nobody's business. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** Whether what is inside a property are variables of a program. */
export function holdsVariables(name: string): boolean {
  return VARIABLES.test(name);
}
