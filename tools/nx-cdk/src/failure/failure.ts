import type { FailureCode } from './codes.ts';
import type { Denial } from './denial.ts';

/** What is known of a failure, as data. */
export interface FailureParts {
  /** What it is about, such as the id of a stack or an asset. Begins the sentence. @default none */
  readonly subject?: string;
  /** What happened: a clause without a full stop. */
  readonly what: string;
  /** The place: a target, a bucket, a file. Stands after "in". @default - `what` names it, or there is none */
  readonly where?: string;
  /** What to do next: a clause without a full stop. @default none */
  readonly next?: string;
}

/** What a failure comes with besides its sentence. */
export interface FailureOptions extends ErrorOptions {
  /** The permission that was missing. @default - that was not the reason, or it is not known */
  readonly denied?: Denial;
}

/** The error type shown to users. Executors print its sentence (`--verbose` adds the trace) and exit with code 1. */
export class Failure extends Error implements FailureParts {
  readonly code: FailureCode;
  readonly subject?: string;
  readonly what: string;
  readonly where?: string;
  readonly next?: string;
  readonly denied?: Denial;

  constructor(code: FailureCode, parts: FailureParts, options?: FailureOptions) {
    super(sentenceOf(parts), options);
    this.name = 'Failure';
    this.code = code;
    this.subject = parts.subject;
    this.what = parts.what;
    this.where = parts.where;
    this.next = parts.next;
    this.denied = options?.denied;
  }

  /** The same failure of another subject: what is wrong with a role or a bucket stops a stack. */
  of(subject: string): Failure {
    const { code, what, where, next, cause, denied } = this;
    return new Failure(code, { subject, what, where, next }, { cause, denied });
  }
}

/** The sentence of a failure: `subject: what in where: next.` */
function sentenceOf({ subject, what, where, next }: FailureParts): string {
  const happened = where === undefined ? what : `${what} in ${where}`;
  const text = [subject, happened, next].filter((part) => part !== undefined && part !== '').join(': ');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
