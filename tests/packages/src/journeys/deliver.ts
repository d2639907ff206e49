import { callerWhoMayOnly, CI, mayAssume, PROD, STAGING, type TestBed } from 'test-bed';
import type { Guest, Variables } from '../guest.ts';

/**
 * The six commands on an app, from an empty account to an empty account. Who may not publish is refused, and a publish
 * that fails has exit code 1, before one succeeds.
 *
 * @param variables what the app needs besides credentials
 */
export async function deliver(guest: Guest, bed: TestBed, project: string, variables: Variables = {}): Promise<void> {
  const root = { ...bed.environment(), ...variables };
  await guest.nx(`bootstrap ${project}`, root);
  await guest.nx(`synth ${project}`, root);
  await refusesToPublish(guest, bed, project, variables);

  await guest.nx(`publish ${project}`, root);
  const planned = await guest.nx(`plan ${project}`, root);
  expect(planned.output).toMatch(/create|add/i);
  await guest.nx(`deploy ${project} --yes`, root);
  const again = await guest.nx(`deploy ${project} --yes`, root);
  expect(again.output).toMatch(/unchanged/i);
  await guest.nx(`destroy ${project} --yes`, root);
}

/** A denial, and a failure on the way: exit code 1, and a sentence without a stack trace. */
export async function refusesToPublish(
  guest: Guest,
  bed: TestBed,
  project: string,
  variables: Variables = {},
): Promise<void> {
  const deploying = [CI, STAGING, PROD, { ...PROD, region: CI.region }].map((place) => mayAssume('deploy', place));
  const deployer = await callerWhoMayOnly(bed.local, 'only-deploys', ...deploying);
  const denied = await guest.refused(`publish ${project}`, { ...deployer, ...variables });
  expect(denied.output).toMatch(/file-publishing-role/);

  const proxy = await bed.proxy();
  const refusal = { status: 403, code: 'AccessDenied', message: 'Not today' };
  proxy.fail({ match: { service: 's3', action: 'PutObject' }, with: refusal, times: Infinity });
  const failed = await guest.refused(`publish ${project}`, { ...bed.environment(proxy), ...variables });
  expect(failed.output).toMatch(/publish failed .*\b\d+ failed/);
  expect(failed.output).toContain('s3:PutObject');
}
