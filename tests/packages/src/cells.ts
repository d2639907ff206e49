import type { PackageManager } from '@nx-cdk/environments';

/** Where somebody begins. */
export type Beginning = 'preset' | 'existing workspace' | 'cdk init in TypeScript' | 'cdk init in Python';

/** A workspace that is not ours: one line of the matrix. */
export interface Cell {
  readonly manager: PackageManager;
  /** Exact version of nx and create-nx-workspace. */
  readonly nx: string;
  /** Major version. */
  readonly node: '22' | '24';
  readonly beginning: Beginning;
  /**
   * Exact version of `aws-cdk-lib`. Yarn looks up even what that bundles, and not every registry has all of it.
   * @default - the one of `cdk init`
   */
  readonly library?: string;
  /** The CI system whose generated files ship it too, in an existing workspace. @default - none */
  readonly ci?: 'github' | 'gitlab';
  /**
   * Whether `nx init` adds Nx's own plugins for what it finds, such as Jest. Not every registry has those of Nx 24.
   * @default true
   */
  readonly plugins?: boolean;
}

/** The newest of each major version that this repository is tried with. Nx 24 is there without create-nx-workspace. */
const NX = { 22: '22.7.7', 23: '23.2.1', 24: '24.0.5' };

/** What `npm test` tries. */
export const FIRST: Cell = { manager: 'npm', nx: NX[23], node: '24', beginning: 'preset' };

/** What `npm run matrix` tries. */
export const CELLS: readonly Cell[] = [
  { manager: 'npm', nx: NX[23], node: '24', beginning: 'existing workspace' },
  { manager: 'npm', nx: NX[23], node: '24', beginning: 'cdk init in TypeScript' },
  { manager: 'npm', nx: NX[23], node: '24', beginning: 'cdk init in Python' },
  { manager: 'pnpm', nx: NX[23], node: '22', beginning: 'preset' },
  { manager: 'pnpm', nx: NX[23], node: '22', beginning: 'existing workspace', ci: 'gitlab' },
  { manager: 'pnpm', nx: NX[23], node: '24', beginning: 'cdk init in TypeScript' },
  { manager: 'npm', nx: NX[22], node: '24', beginning: 'preset' },
  { manager: 'npm', nx: NX[22], node: '22', beginning: 'existing workspace' },
  { manager: 'npm', nx: NX[22], node: '24', beginning: 'cdk init in TypeScript' },
  { manager: 'npm', nx: NX[24], node: '24', beginning: 'existing workspace' },
  { manager: 'npm', nx: NX[24], node: '24', beginning: 'cdk init in TypeScript', plugins: false },
  { manager: 'yarn', nx: NX[23], node: '24', beginning: 'existing workspace', library: '2.270.0', ci: 'github' },
];

/** The name of a cell's test. */
export function titleOf({ manager, nx, node, beginning }: Cell): string {
  return `${beginning}: ${manager}, Nx ${nx}, Node ${node}`;
}
