import { callOf, explain, isAccessDenied } from 'nx-cdk/aws';
import { Failure, type FailureCode } from 'nx-cdk/failure';

/** What somebody was not allowed to do. */
export interface Denial {
  /** As IAM policies name it: `s3:PutObject`. */
  readonly action: string;
  /** ARN, where it is known. */
  readonly resource?: string;
  /** Name of the role that lacks the permission, where it is known. */
  readonly role?: string;
}

/** A failure that is known to be a missing permission. */
export class DeniedFailure extends Failure {
  readonly denial: Denial;

  constructor(code: FailureCode, message: string, denial: Denial, options?: { cause?: unknown }) {
    super(code, message, options);
    this.denial = denial;
  }
}

/** How AWS says it; the resource is left out by some services, and in quotes with others. */
const AWS_SAYS =
  /(?:(arn:[^\s"']+) )?is not authorized to perform: ([\w-]+:[\w*]+)(?:.{0,20}?on(?: the)? resource:? "?(arn:[^\s"',;]+?))?(?=[\s"',;)]|\.?$|\.\s)/m;

/** How this plugin says it: in its own errors, and in those of a build that runs it. */
const PLUGIN_SAYS =
  /(?:role ([\w+=,.@-]+)|(arn:\S+)|\S) may not ([a-z][\w-]*:[A-Z]\w*)(?: (arn:[^\s"',;]+?))?(?=[\s"',;]|[:.](?:\s|$)|$)/m;

/** The first refusal that a text tells of. */
export function denialIn(text: string): Denial | undefined {
  const [, principal, action, resource] = AWS_SAYS.exec(text) ?? [];
  if (action !== undefined) return denial(action, resource, roleOf(principal));
  const [, role, speaker, refused, target] = PLUGIN_SAYS.exec(text) ?? [];
  return refused === undefined ? undefined : denial(refused, target, role ?? roleOf(speaker));
}

/** What was refused, where an error says that something was. */
export function denialOf(error: unknown): Denial | undefined {
  for (let cause = error; cause !== undefined && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    if (cause instanceof DeniedFailure) return cause.denial;
    if (cause instanceof Failure && cause.code !== 'AccessDenied' && cause.code !== 'AssumeRoleDenied') continue;
    const said = denialIn((cause as Error).message ?? '');
    const call = callOf(cause);
    if (said !== undefined) return { ...said, ...(call === undefined ? {} : { role: call.role }) };
    if (call !== undefined && isAccessDenied(cause))
      return denial(`${call.service}:${call.action}`, undefined, call.role);
  }
  return undefined;
}

/** An error as one sentence, and what was refused if it is about that. */
export function failureOf(error: unknown): { readonly message: string; readonly denied?: Denial } {
  const denied = denialOf(error);
  return { message: explain(error).message, ...(denied === undefined ? {} : { denied }) };
}

/** The role of a session's ARN, `arn:aws:sts::111111111111:assumed-role/<role>/<session>`, or of a role's own. */
function roleOf(principal: string | undefined): string | undefined {
  const [, session, role] =
    /:assumed-role\/(?:.*\/)?([^/]+)\/[^/]+$|:role\/(?:.*\/)?([^/]+)$/.exec(principal ?? '') ?? [];
  return session ?? role;
}

function denial(action: string, resource: string | undefined, role: string | undefined): Denial {
  return { action, ...(resource === undefined ? {} : { resource }), ...(role === undefined ? {} : { role }) };
}
