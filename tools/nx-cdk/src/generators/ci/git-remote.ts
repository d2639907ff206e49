import { git } from '@libs/processes';

/** Where a repository was cloned from. */
export interface Remote {
  /** For example `github.com`. */
  readonly host: string;
  /** `owner/name`, for GitLab with all groups. */
  readonly path: string;
}

/** Remote `origin` of a folder's repository; undefined if there is none. */
export async function originOf(folder: string): Promise<Remote | undefined> {
  const { code, stdout } = await git(folder, ['remote', 'get-url', 'origin']);
  return code === 0 ? parseRemote(stdout.trim()) : undefined;
}

/** Understands `git@host:path.git` and URLs, credentials and ports left out. */
export function parseRemote(url: string): Remote | undefined {
  const [, host, path] =
    /^(?:https?|ssh|git):\/\/(?:[^@/]+@)?([^:/]+)(?::\d+)?\/(.+)$/.exec(url) ??
    /^(?:[^@/]+@)?([^:/]+):([^/].*)$/.exec(url) ??
    [];
  if (host === undefined || path === undefined) return undefined;
  return { host, path: path.replace(/\/$/, '').replace(/\.git$/, '') };
}
