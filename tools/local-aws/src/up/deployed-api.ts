import { fetchDeployed } from '../fetch-deployed.ts';
import type { RunningInstance } from '../running-instance.ts';

/** An API that a stack names in its output `ApiUrl`. */
export interface DeployedApi {
  /** As the output has it. */
  readonly url: string;
  /** Where its stack is. */
  readonly account: string;
  readonly region: string;
  /**
   * Sends a request to the API, as `fetch` does.
   *
   * @param path after the URL: `/orders`
   * @param request with `signed: true`, it is signed as the root user of the stack's account
   */
  fetch(
    path: string,
    request?: { method?: string; headers?: Record<string, string>; body?: string; signed?: boolean },
  ): Promise<Response>;
}

/** What a deployed API said. */
export interface Answer {
  readonly ok: boolean;
  /** `200 {"message":"hello"}` */
  readonly text: string;
}

/** Hosts that the local AWS answers for. */
const DEPLOYED = /\.(execute-api|lambda-url)\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)$/;

/** @returns undefined if the output names nothing that the local AWS could answer for */
export function deployedApi(
  url: string,
  { account, region }: { readonly account: string; readonly region: string },
  instance: RunningInstance,
): DeployedApi | undefined {
  if (!URL.canParse(url) || !DEPLOYED.test(new URL(url).hostname)) return undefined;
  // A 12-digit key id is the root of that account.
  const signer = { credentials: { accessKeyId: account, secretAccessKey: instance.secret }, region };
  const base = url.replace(/\/$/, '');
  return {
    url,
    account,
    region,
    fetch: (path, { signed, ...request } = {}) =>
      fetchDeployed(`${base}${path}`, request, instance, signed === true ? signer : undefined),
  };
}

/** How much of an answer is shown, in characters. */
const SHOWN = 60;

/**
 * Asks an API for its root, signed if it refuses to answer otherwise. A stranger's API has no known answer: whatever it
 * says is one, unless it says that it is broken.
 */
export async function askForRoot(api: DeployedApi): Promise<Answer> {
  try {
    const open = await api.fetch('/');
    const response = [401, 403].includes(open.status) ? await api.fetch('/', { signed: true }) : open;
    const [line = ''] = (await response.text()).trim().split('\n');
    const shown = line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line;
    return { ok: response.status < 500, text: `${response.status} ${shown}`.trim() };
  } catch (error) {
    return { ok: false, text: (error as Error).message };
  }
}
