import { join } from 'node:path';
import { IMAGE_BUILDER } from './image-builder.ts';

/** What a program needs to run at all; everything else of the outer environment would be an accident. */
const NEEDED = ['USER', 'LOGNAME', 'SHELL', 'LANG', 'TMPDIR'];

/**
 * Folders of compilers, passed on if they are set: by default compilers look in the home folder, which is another one
 * here.
 */
const COMPILERS = ['RUSTUP_HOME', 'CARGO_HOME', 'GOPATH', 'GOCACHE'];

/**
 * CDK checks templates against CloudFormation's schemas, which takes two seconds of each synthesis. The unit tests of
 * the apps and `reproducible.spec.ts` let it.
 */
export const QUICK_SYNTHESIS = { CDK_VALIDATION: 'false' };

/** Node keeps what it has compiled of packages of this checkout, also for programs that do not ask for it. */
export const KEPT_CODE = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'nx-cdk'),
};

/**
 * The environment of a child as a freshly logged-in shell has it. A list of what goes in and not of what stays out: the
 * suite runs inside Nx and Jest, on machines where anything may be set - `NX_TASK_HASH`, `CI`, `FORCE_COLOR`,
 * `AWS_PROFILE`, `NODE_OPTIONS`.
 *
 * @param root the workspace whose tools come first on the path
 * @param home what takes the place of the home folder, so that nobody's `~/.aws` has a say
 */
export function cleanEnvironment(root: string, home: string): Record<string, string> {
  const kept = [...NEEDED, ...COMPILERS].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    HOME: home,
    CDK_DOCKER: IMAGE_BUILDER,
    // The image builder keeps its images here; a rehearsed step gets it too, with another home folder.
    XDG_RUNTIME_DIR: home,
    // No daemon: it would outlive the test. No TUI: output is read.
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    // Without credentials, the SDKs would ask the address of the EC2 metadata service and wait for it.
    AWS_EC2_METADATA_DISABLED: 'true',
    // The stock tools look for newer versions of themselves and report on their users.
    CDK_DISABLE_VERSION_CHECK: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...QUICK_SYNTHESIS,
  };
}
