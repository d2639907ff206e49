import { execFileSync } from 'node:child_process';

/** Where a repository was cloned from. */
export interface Remote {
  /** For example `github.com`. */
  readonly host: string;
  /** `owner/name`, for GitLab with all groups. */
  readonly path: string;
}

/** Remote `origin` of a folder's repository; undefined where there is none. */
export function originOf(folder: string): Remote | undefined {
  try {
    const url = execFileSync('git', ['remote', 'get-url', 'origin'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    return parseRemote(url.trim());
  } catch {
    return undefined;
  }
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
