import { hash } from 'node:crypto';

const NAME = /^nx-cdk-([0-9a-f]{32})-([0-9a-z]+)$/;

/**
 * `nx-cdk-<digest>-<time>` says what is in a change set and when it was created. The time makes the name new with each
 * attempt, so if a name is taken, it is by this attempt, and its first answer got lost.
 */
export function changeSetName(digest: string, now: number): string {
  return `nx-cdk-${digest}-${Math.round(now).toString(36)}`;
}

/** The digest and the time in a change set ARN, in milliseconds; undefined for a change set that is not ours. */
export function parseChangeSetName(changeSetId: string | undefined) {
  const match = NAME.exec(nameOfChangeSet(changeSetId));
  return match ? { digest: match[1]!, createdAt: Number.parseInt(match[2]!, 36) } : undefined;
}

/** `arn:aws:cloudformation:<region>:<account>:changeSet/<name>/<uuid>` -> `<name>` */
export function nameOfChangeSet(changeSetId: string | undefined): string {
  return changeSetId?.split('/')[1] ?? '';
}

/** A token for an operation that has no change set; new with each attempt, different for each stack. */
export function operationToken(verb: string, stackId: string, now: number): string {
  const stack = hash('sha256', stackId).slice(0, 32);
  return `nx-cdk-${verb}-${stack}-${Math.round(now).toString(36)}`;
}
