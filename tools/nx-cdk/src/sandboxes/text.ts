import { count } from '../progress/index.ts';
import type { Sandbox } from './list.ts';

/**
 * What people read of instances: `sandbox/ada: 2 stacks in 111111111111/eu-west-1, made 3 days ago, ...`.
 *
 * @param now milliseconds since the epoch
 */
export function sandboxesAsText(sandboxes: readonly Sandbox[], now: number): string {
  if (sandboxes.length === 0) return 'There is no instance.';
  return sandboxes.map((one) => lineOf(one, now)).join('\n');
}

function lineOf({ environment, instance, stacks, ...sandbox }: Sandbox, now: number): string {
  const targets = [...new Set(stacks.map(({ account, region }) => `${account}/${region}`))].join(', ');
  const ago = (time: string) => `${span(now - Date.parse(time))} ago`;
  const { commit, expiresAt, expired } = sandbox;
  const odd = stacks.filter(({ status }) => !/^(CREATE|UPDATE)_COMPLETE$/.test(status));
  return [
    `${environment}/${instance}: ${count(stacks.length, 'stack')} in ${targets}`,
    `made ${ago(sandbox.createdAt)}`,
    `deployed ${ago(sandbox.deployedAt)}${commit === undefined ? '' : ` from ${commit}`}`,
    expiresAt === undefined
      ? 'does not expire'
      : expired
        ? `expired ${ago(expiresAt)}`
        : `expires in ${span(Date.parse(expiresAt) - now)}`,
    ...odd.map(({ stackName, status }) => `${stackName} is ${status}`),
  ].join(', ');
}

/** `3 days`, `5 hours` or `12 minutes`; never less than nothing. */
function span(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 120) return count(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? count(hours, 'hour') : count(Math.floor(hours / 24), 'day');
}

/** `2 stacks are deleted, in this order` */
export function sandboxDeletionsTitle({ length }: { readonly length: number }): string {
  if (length === 0) return 'No stack can be deleted.';
  return length === 1 ? '1 stack is deleted' : `${count(length, 'stack')} are deleted, in this order`;
}
