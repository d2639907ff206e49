import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One line of the contract: to this request every implementation gives this answer, and adds its own name to it as
 * `handler`.
 */
export interface Case {
  readonly name: string;
  readonly request: unknown;
  readonly response: Readonly<Record<string, unknown>>;
}

/** The contract: the content of cases.json, which the tests in Go and Rust read too. */
export const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../cases.json'), 'utf8')) as readonly Case[];
