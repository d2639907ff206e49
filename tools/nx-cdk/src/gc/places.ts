import { type Environments, garbageRoleArn, type Target, targetName } from '@nx-cdk/environments';
import type { Session } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

/** The staging bucket and the image repository of a target's bootstrap. */
export interface GarbagePlace {
  readonly target: Target;
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  readonly bucket: string;
  readonly repository: string;
  /** Whether garbage is deleted there. In the others of the account, it is only read what is needed. */
  readonly isChosen: boolean;
  readonly session: Session;
}

/**
 * The places of the chosen environment, and all others in the same accounts: a stack in one region may need what is in
 * another one. Named as the bootstrap of the file's qualifier names them.
 *
 * @param environment @default - all environments
 * @throws Failure `NoGarbageRole` if the file does not ask for the role, `UnknownEnvironment`
 */
export function garbagePlaces(environments: Environments, environment?: string): GarbagePlace[] {
  if (environments.garbageCollection !== true) {
    const what = `${environments.file} asks for no role that may delete what was published`;
    const next = 'set "garbageCollection": true there, and deploy required-resources (docs/chores.md)';
    throw new Failure('NoGarbageRole', { what, next });
  }
  const chosen = environments.environments.filter(({ name }) => environment === undefined || name === environment);
  if (chosen.length === 0) {
    const known = environments.environments.map(({ name }) => name).join(', ');
    const what = `${environments.file} has no environment "${environment}", only ${known}`;
    throw new Failure('UnknownEnvironment', { what });
  }
  const accounts = new Set(chosen.flatMap(({ targets }) => targets.map(({ account }) => account)));
  const wanted = new Set(chosen.flatMap(({ targets }) => targets.map(targetName)));
  const all = environments.environments
    .flatMap(({ targets }) => targets)
    .filter(({ account }) => accounts.has(account));
  const byName = new Map(all.map((target) => [targetName(target), target]));
  return [...byName].map(([name, { account, region }]) => {
    const target = { account, region };
    const there = (kind: string) => `cdk-${environments.qualifier}-${kind}-${account}-${region}`;
    const role = { kind: 'garbage', region, arn: garbageRoleArn(environments, target) } as const;
    return {
      target,
      targetName: name,
      bucket: there('assets'),
      repository: there('container-assets'),
      isChosen: wanted.has(name),
      session: { ...target, role },
    };
  });
}
