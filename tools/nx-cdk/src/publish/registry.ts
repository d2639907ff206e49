import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type AwsClients, explain, type Session } from '../aws/index.ts';
import { type ImageDestination, noRepository } from '../destinations/index.ts';
import { Failure, type FailureParts, roleOf } from '../failure/index.ts';
import { type Listener, registerSecret } from '../progress/index.ts';
import { interrupted } from './failures.ts';
import { exchange, type Answer, type Exchange, type FilePart } from './registry-request.ts';

/** HTTP attempts a request, the first one included; as many as the SDK's clients have here. */
const ATTEMPTS = 8;

/** The longest wait between two attempts, in milliseconds. */
const LONGEST_WAIT = 20_000;

/** What the methods of a registry are given. */
export interface RegistryOptions {
  readonly aws: AwsClients;
  readonly listener: Listener;
  readonly signal?: AbortSignal;
}

/** A request to one repository. */
export interface RepositoryRequest {
  /** What the call is named in a log, after the ECR action that it is checked against. */
  readonly action: string;
  readonly method: Exchange['method'];
  /** Below `/v2/<repository>/`, or a whole URL that the registry gave. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | FilePart;
  readonly receive?: (body: IncomingMessage) => Promise<void>;
  /** Statuses that are answers; every other one is a failure. */
  readonly good: readonly number[];
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
 * Not by a container tool: each push of a tool may compress layers anew, and needs the token in a file. Not by ECR's
 * own upload actions: they carry layers as base64 in signed JSON, at less than a fifth of the speed and with several
 * copies in memory.
 *
 * Tokens are kept in memory, one a role, account and region, and are never written anywhere.
 */
export class Registries {
  readonly #options: RegistryOptions;
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /**
   * Gets the token of a destination while there is nothing to send yet. What goes wrong comes up again when it is
   * needed.
   */
  prepare({ session }: ImageDestination): void {
    this.#token(session).catch(() => undefined);
  }

  /** @throws Failure `AccessDenied`, `NotBootstrapped`, `Unreachable`, `RegistryRefused`, `Interrupted` */
  async send(destination: ImageDestination, what: RepositoryRequest): Promise<Answer> {
    const started = performance.now();
    let attempts = 0;
    let failure: Failure | undefined;
    try {
      for (;;) {
        attempts += 1;
        const { answer, error } = await this.#once(destination, what).then(
          (answer) => ({ answer, error: undefined }),
          (error: unknown) => ({ answer: undefined, error }),
        );
        if (this.#options.signal?.aborted) throw interrupted();
        if (answer !== undefined && what.good.includes(answer.status)) return answer;
        if (error instanceof Failure) throw error;
        // A token that was withdrawn or has just expired: the next attempt gets a new one.
        if (answer?.status === 401) this.#tokens.delete(keyOf(destination.session));
        const again = answer === undefined || answer.status === 429 || answer.status >= 500;
        if ((!again && !(answer.status === 401 && attempts === 1)) || attempts >= ATTEMPTS)
          throw answer === undefined ? unreachable(destination, error) : refusal(destination, what, answer);
        await this.#pause(attempts);
      }
    } catch (error) {
      failure = explain(error);
      throw failure;
    } finally {
      this.#options.listener({
        type: 'aws-call',
        service: 'ecr',
        action: what.action,
        role: destination.session.role?.arn.split('/').at(-1) ?? 'caller',
        target: destination.targetName,
        milliseconds: Math.round(performance.now() - started),
        attempts,
        error: failure?.code,
      });
    }
  }

  async #once(destination: ImageDestination, what: RepositoryRequest): Promise<Answer> {
    const { aws, signal } = this.#options;
    const { authorization, host } = await this.#token(destination.session);
    const { account } = destination.target;
    const registry = new URL(`https://${host.replace(/^\d{12}(?=\.)/, account)}/v2/${destination.repository}/`);
    const url = new URL(what.path, registry);
    const { method, headers, body, receive } = what;
    const common = { method, headers, body, receive, signal };
    const answer = await exchange({
      ...common,
      url,
      // An upload may be sent on to another host: the token is for the registry and nobody else.
      ...(url.host === registry.host
        ? { agent: aws.agents.registry, headers: { ...what.headers, Authorization: authorization } }
        : { agent: aws.agents.https }),
    });
    const elsewhere = answer.headers.location;
    // Layers are downloaded from S3, by a URL that is signed itself.
    if (what.method === 'GET' && answer.status >= 300 && answer.status < 400 && elsewhere !== undefined) {
      const target = new URL(elsewhere, url);
      const agent = target.host === registry.host ? aws.agents.registry : aws.agents.https;
      return exchange({ ...common, url: target, agent, headers: {} });
    }
    return answer;
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
    const ecr = await this.#options.aws.ecr(session);
    const { GetAuthorizationTokenCommand } = await import('@aws-sdk/client-ecr');
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const { authorizationToken, proxyEndpoint, expiresAt } = authorizationData?.[0] ?? {};
    if (authorizationToken === undefined || proxyEndpoint === undefined)
      throw new Failure('RegistryToken', {
        what: 'ecr:GetAuthorizationToken answered without a token',
        where: `${session.account}/${session.region}`,
        next: 'publish again',
      });
    registerSecret(authorizationToken);
    const [, password] = Buffer.from(authorizationToken, 'base64').toString().split(/:(.*)/s);
    if (password) registerSecret(password);
    return {
      authorization: `Basic ${authorizationToken}`,
      host: new URL(proxyEndpoint).host,
      expires: expiresAt?.getTime() ?? Date.now() + 3_600_000,
    };
  }

  /** Exponential, and jittered: what was throttled together does not come back together. */
  async #pause(attempts: number): Promise<void> {
    const { signal } = this.#options;
    const longest = Math.min(LONGEST_WAIT, 100 * 2 ** attempts);
    await wait(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {
      throw interrupted();
    });
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
  const [what, next] = [`The registry of ${targetName} cannot be reached`, explain(cause).message];
  return new Failure('Unreachable', { what, next }, { cause });
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
  const fallback = { code: 'RegistryRefused', message: `the registry answered ${answer.status}.` };
  try {
    const { errors } = JSON.parse(answer.body.toString()) as { errors?: { code?: string; message?: string }[] };
    const { code, message } = errors?.[0] ?? {};
    const text = message?.trim() || fallback.message;
    return { code: code ?? fallback.code, message: /[.!?]$/.test(text) ? text : `${text}.` };
  } catch {
    return fallback;
  }
}
