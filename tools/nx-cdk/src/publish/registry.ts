import { setTimeout as wait } from 'node:timers/promises';
import { explain, type Session } from '../aws/index.ts';
import { type ImageDestination, noRepository } from '../destinations/index.ts';
import { Failure, type FailureParts, roleOf } from '../failure/index.ts';
import { registerSecret } from '../progress/index.ts';
import { interrupted } from './failures.ts';
import { type Answer, exchange, type Exchange } from './registry-request.ts';
import type { PublishDependencies } from './request.ts';

/** HTTP attempts for a request, the first one included; the same number as for the SDK's clients. */
const ATTEMPTS = 8;

/** The longest wait between two attempts, in milliseconds. */
const LONGEST_WAIT = 20_000;

/** A request to one repository. */
export interface RepositoryRequest extends Exchange {
  /** The name of the call in a log: the ECR action that it is checked against. */
  readonly action: string;
  /** Below `/v2/<repository>/`, or a whole URL that the registry gave. */
  readonly path: string;
}

interface Token {
  readonly authorization: string;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/**
 * The registries of a run, by the registry's own protocol
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md), which ECR serves at
 * `<account>.dkr.ecr.<region>.amazonaws.com`
 * (https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html#registry_auth_http).
 *
 * Not by a container tool, which may compress layers anew for each push and needs the token in a file. Not by ECR's own
 * upload actions, which carry layers as base64 in JSON, at less than a fifth of the speed and with several copies in
 * memory.
 *
 * Tokens are kept in memory only, one for each role, account and region.
 */
export class Registries {
  readonly #context: PublishDependencies;
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(context: PublishDependencies) {
    this.#context = context;
  }

  /** Gets the token of a destination ahead of its first request, which tries again if this fails. */
  prepare({ session }: ImageDestination): void {
    this.#token(session).catch(() => undefined);
  }

  /** @throws Failure `AccessDenied`, `NotBootstrapped`, `Unreachable`, `RegistryRefused`, `Interrupted` */
  async send(destination: ImageDestination, what: RepositoryRequest): Promise<Answer> {
    const { listener, signal } = this.#context;
    const { session, targetName: target } = destination;
    const started = performance.now();
    let attempts = 0;
    let failure: Failure | undefined;
    try {
      for (;;) {
        attempts += 1;
        const answer = await this.#once(destination, what).catch((error: unknown) => ({ error, status: undefined }));
        if (signal?.aborted) throw interrupted();
        const { status } = answer;
        if (status === undefined) {
          if (answer.error instanceof Failure) throw answer.error;
          if (attempts >= ATTEMPTS) throw unreachable(destination, answer.error);
        } else {
          if (status >= 200 && status < 300) return answer;
          // A token that was withdrawn or has just expired: the next attempt gets a new one.
          if (status === 401) this.#tokens.delete(keyOf(session));
          const again = status === 429 || status >= 500 || (status === 401 && attempts === 1);
          if (!again || attempts >= ATTEMPTS) throw refusal(destination, what, answer);
        }
        // Exponential, with jitter: requests that were throttled together do not come back together.
        const longest = Math.min(LONGEST_WAIT, 100 * 2 ** attempts);
        await wait(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {
          throw interrupted();
        });
      }
    } catch (error) {
      failure = explain(error);
      throw failure;
    } finally {
      const role = session.role?.arn.split('/').at(-1) ?? 'caller';
      const milliseconds = Math.round(performance.now() - started);
      const call = { service: 'ecr', action: what.action, role, target, milliseconds, attempts };
      listener({ type: 'aws-call', ...call, error: failure?.code });
    }
  }

  async #once({ repository, session, target }: ImageDestination, what: RepositoryRequest): Promise<Answer> {
    const { aws, signal } = this.#context;
    const { authorization, host } = await this.#token(session);
    const registry = new URL(`https://${host.replace(/^\d{12}(?=\.)/, target.account)}/v2/${repository}/`);
    const ask = (url: URL, headers: Exchange['headers']) => {
      const agent = url.host === registry.host ? aws.agents.registry : aws.agents.https;
      return exchange(url, { ...what, headers }, { agent, signal });
    };
    const url = new URL(what.path, registry);
    // An upload may continue on another host: the token is for the registry only.
    const token = url.host === registry.host && { Authorization: authorization };
    const answer = await ask(url, { ...what.headers, ...token });
    const { location } = answer.headers;
    const isElsewhere = what.method === 'GET' && answer.status >= 300 && answer.status < 400;
    // Layers are downloaded from S3, by a URL that is signed itself.
    return isElsewhere && location !== undefined ? ask(new URL(location, url), {}) : answer;
  }

  #token(session: Session): Promise<Token> {
    const key = keyOf(session);
    const known = this.#tokens.get(key);
    const next = known?.then((token) => (token.expires - Date.now() > 60_000 ? token : this.#fetchToken(session)));
    const token = next ?? this.#fetchToken(session);
    this.#tokens.set(key, token);
    token.catch(() => this.#tokens.delete(key));
    return token;
  }

  async #fetchToken(session: Session): Promise<Token> {
    const ecr = await this.#context.aws.ecr(session);
    const { GetAuthorizationTokenCommand } = await import('@aws-sdk/client-ecr');
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const { authorizationToken, proxyEndpoint, expiresAt } = authorizationData?.[0] ?? {};
    if (authorizationToken === undefined || proxyEndpoint === undefined) {
      const [what, where] = [
        'ecr:GetAuthorizationToken answered without a token',
        `${session.account}/${session.region}`,
      ];
      throw new Failure('RegistryToken', { what, where, next: 'publish again' });
    }
    registerSecret(authorizationToken);
    const [, password] = Buffer.from(authorizationToken, 'base64').toString().split(/:(.*)/s);
    if (password) registerSecret(password);
    return {
      authorization: `Basic ${authorizationToken}`,
      host: new URL(proxyEndpoint).host,
      expires: expiresAt?.getTime() ?? Date.now() + 3_600_000,
    };
  }
}

/** A refusal with a code of the registry's own, such as `TAG_INVALID`. */
export class RegistryRefusal extends Failure {
  readonly registryCode: string;

  constructor(registryCode: string, parts: FailureParts) {
    super('RegistryRefused', parts);
    this.registryCode = registryCode;
  }
}

function keyOf(session: Session): string {
  return JSON.stringify([session.account, session.region, session.role?.arn]);
}

function unreachable({ targetName }: ImageDestination, cause: unknown): Failure {
  const what = `The registry of ${targetName} cannot be reached`;
  return new Failure('Unreachable', { what, next: explain(cause).message }, { cause });
}

function refusal(destination: ImageDestination, { action }: RepositoryRequest, answer: Answer): Failure {
  const { targetName: where, repository, session } = destination;
  const { code, message: next } = errorOf(answer);
  if (code === 'NAME_UNKNOWN') return noRepository(destination);
  if (answer.status !== 401 && answer.status !== 403)
    return new RegistryRefusal(code, { what: `ecr:${action} of ${repository} failed`, where, next });
  const role = session.role?.arn;
  const who = role === undefined ? 'The caller' : `The role ${role.split('/').at(-1)}`;
  const denied = { action: `ecr:${action}`, role: roleOf(role) };
  return new Failure('AccessDenied', { what: `${who} may not ecr:${action}`, where, next }, { denied });
}

/** @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
function errorOf(answer: Answer): { code: string; message: string } {
  const fallback = { code: 'RegistryRefused', message: `the registry answered ${answer.status}` };
  try {
    const { errors } = JSON.parse(answer.body.toString()) as { errors?: { code?: string; message?: string }[] };
    const { code = fallback.code, message } = errors?.[0] ?? {};
    return { code, message: message?.trim() || fallback.message };
  } catch {
    return fallback;
  }
}
