/**
 * Whether this is a CI: nobody is there to ask, and nothing may be left out or taken on trust. What every CI sets tells
 * it, the variable `CI`; `CI=false` and `CI=0` say no.
 */
export function isCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false', undefined].includes(env['CI']);
}
