/** A permission that was missing. */
export interface Denial {
  /** As IAM policies name it: `s3:PutObject`. */
  readonly action: string;
  /** ARN. @default - not known */
  readonly resource?: string;
  /** Name of the role, or service, that lacks it. @default - not known */
  readonly role?: string;
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
