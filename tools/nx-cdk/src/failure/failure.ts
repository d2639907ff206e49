import type { FailureCode } from './codes.ts';

/** A permission that was missing. */
export interface Denial {
  /** As IAM policies name it: `s3:PutObject`. */
  readonly action: string;
  /** ARN. @default - not known */
  readonly resource?: string;
  /** Name of the role, or service, that lacks it. @default - not known */
  readonly role?: string;
}

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

/** A failure as reports, events and the failures file hold it. Plain data. */
export interface ReportedFailure {
  readonly code: string;
  /** One sentence: what happened, where, what to do next. */
  readonly message: string;
  /** What to do next, as the sentence has it, by itself. @default none */
  readonly next?: string;
  /** The permission that was missing. @default - that was not the reason, or it is not known */
  readonly denied?: Denial;
}

/** The same failure with other words: each text for people goes through `word`. */
export function reworded<Reported extends ReportedFailure>(
  failure: Reported,
  word: (text: string) => string,
): Reported {
  const { message, next } = failure;
  return { ...failure, message: word(message), ...(next !== undefined && { next: word(next) }) };
}

/** What happened, and where: the sentence of a failure without its next step. */
export function happenedIn({ message, next }: ReportedFailure): string {
  const happened = next !== undefined && message.replace(/\.$/, '');
  const ending = `: ${next?.replace(/\.$/, '')}`;
  return happened && happened.endsWith(ending) ? `${happened.slice(0, -ending.length)}.` : message;
}

/** The error type shown to users. Executors print its sentence (`--verbose` adds the trace) and exit with code 1. */
export class Failure extends Error implements FailureParts {
  readonly code: FailureCode;
  readonly subject?: string;
  readonly what: string;
  readonly where?: string;
  readonly next?: string;
  /** The permission that was missing. Absent if that was not the reason, or is not known. */
  readonly denied?: Denial;

  constructor(code: FailureCode, parts: FailureParts, options?: ErrorOptions & Pick<Failure, 'denied'>) {
    super(sentenceOf(parts), options);
    this.name = 'Failure';
    this.code = code;
    this.subject = parts.subject;
    this.what = parts.what;
    this.where = parts.where;
    this.next = parts.next;
    this.denied = options?.denied;
  }

  /** What of it goes into reports, events and the failures file. */
  get reported(): ReportedFailure {
    const { code, message, next, denied } = this;
    return { code, message, ...(next && { next }), ...(denied && { denied }) };
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

/** How AWS says it. Some services leave the resource out, some put it in quotes. */
const AWS_SAYS =
  /(?:(arn:[^\s"']+) )?is not authorized to perform: ([\w-]+:[\w*]+)(?:.{0,20}?on(?: the)? resource:? "?(arn:[^\s"',;]+?))?(?=[\s"',;)]|\.?$|\.\s)/m;

/** The first refusal in a text of AWS, or of a program that quotes it. */
export function denialIn(text: string): Denial | undefined {
  const [, principal, action, resource] = AWS_SAYS.exec(text) ?? [];
  if (action === undefined) return undefined;
  const role = roleOf(principal);
  return { action, ...(resource && { resource }), ...(role && { role }) };
}

/** The role's name in the ARN of a session, `arn:aws:sts::111111111111:assumed-role/<role>/<session>`, or of a role. */
export function roleOf(principal: string | undefined): string | undefined {
  const [, session, role] =
    /:assumed-role\/(?:.*\/)?([^/]+)\/[^/]+$|:role\/(?:.*\/)?([^/]+)$/.exec(principal ?? '') ?? [];
  return session ?? role;
}
