export { ask } from './ask.ts';
export { isCI } from './ci.ts';
export { complaintOf, filesOfCheckout, git } from './git.ts';
export { withLock, workspaceLock } from './lock.ts';
export { proxyObstacle, trustedCertificates } from './network.ts';
export { INTERRUPTED, NoNxError, nxProgram, outsideOfNx, runNx } from './nx.ts';
export { isAlive, startOf } from './process-start.ts';
export { run, type ProgramEnd, type RunOptions } from './run.ts';
export { type AttachedEnd, runAttached } from './run-attached.ts';
