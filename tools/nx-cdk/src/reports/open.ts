import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** Where something is opened. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** Whether nobody is there to look. */
  readonly ci: boolean;
}

/** How a page is opened: a program and its arguments, never a line for a shell. */
export type OpenCommand = readonly [program: string, ...args: string[]];

/**
 * What opens a page: the programs that `BROWSER` names, separated by colons, with `%s` for the address, as other
 * programs read it; else what the system has for that. Undefined if there is no browser: in a CI, without a display,
 * and if `BROWSER` is `none`.
 */
export function openCommand(file: string, { platform, env, ci }: Surroundings): OpenCommand | undefined {
  const address = pathToFileURL(file).href;
  const browser = env['BROWSER']?.trim() ?? '';
  if (ci || browser === 'none') return undefined;
  if (browser !== '') return named(browser, address, platform);
  if (platform === 'darwin') return ['open', address];
  // Not `start`, which only a shell has.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', address];
  const hasDisplay = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME']);
  return hasDisplay ? ['xdg-open', address] : undefined;
}

function named(browser: string, address: string, platform: NodeJS.Platform): OpenCommand {
  // On Windows, a colon is part of a path; so is a space.
  if (platform === 'win32') return [browser, address];
  const [first = ''] = browser.split(':').filter((one) => one.trim() !== '');
  const [program = '', ...args] = first.trim().split(/\s+/);
  const given = args.map((arg) => arg.replaceAll('%s', () => address));
  return args.some((arg) => arg.includes('%s')) ? [program, ...given] : [program, ...given, address];
}

/**
 * Starts what opens a page, and does not wait for its end.
 *
 * @returns whether it could be started
 */
export async function open([program, ...args]: OpenCommand): Promise<boolean> {
  return new Promise((resolve) => {
    const browser = spawn(program, args, { shell: false, detached: true, stdio: 'ignore' });
    browser.once('error', () => resolve(false));
    browser.once('spawn', () => {
      browser.unref();
      resolve(true);
    });
  });
}
