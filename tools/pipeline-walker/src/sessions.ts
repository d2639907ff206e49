import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Failure } from 'nx-cdk/failure';
import { registerSecret } from 'nx-cdk/progress';
import type { Clients, Session } from './clients.ts';

/** Names a URL that gives out sessions of roles as AWS services get them; nothing that speaks to AWS itself has it. */
export const SERVICE_SESSIONS_VARIABLE = 'NX_CDK_SERVICE_SESSIONS';

/** The part of an answer that both the URL and STS give. */
interface IssuedKeys {
  readonly AccessKeyId?: string;
  readonly SecretAccessKey?: string;
  readonly SessionToken?: string;
}

/**
 * Sessions as AWS services have them: a service assumes the role that trusts it, CodePipeline's goes on to the roles of
 * its actions.
 */
export class ServiceSessions {
  readonly #url: URL;
  readonly #clients: Clients;

  constructor(url: string, clients: Clients) {
    this.#url = new URL(url);
    this.#clients = clients;
  }

  /**
   * A session of a role as a service gets it.
   *
   * @param service service principal, such as `codebuild.amazonaws.com`
   * @param source ARN of what the service acts for
   * @throws Failure `ServiceSessionDenied` if the role does not trust the service, or is not there
   */
  async ofService(roleArn: string, service: string, source: string): Promise<Session> {
    const body = JSON.stringify({ roleArn, service, sourceArn: source, sourceAccount: source.split(':')[4] });
    const { status, text } = await this.#post(body);
    if (status === 403) {
      throw new Failure(
        'ServiceSessionDenied',
        {
          what: `${service} may not assume the role ${nameOf(roleArn)} (${roleArn})`,
          next: 'there is no such role, or its trust policy does not allow sts:AssumeRole to that service; correct the role and deploy the pipeline',
        },
        { denied: { action: 'sts:AssumeRole', resource: roleArn, role: service } },
      );
    }
    if (status !== 200) {
      throw new Failure('ServiceSessions', {
        what: `${this.#url.origin} gave no session of ${roleArn} (HTTP ${status}): ${messageOf(text)}`,
        next: `check ${SERVICE_SESSIONS_VARIABLE} and what it names`,
      });
    }
    return sessionOf(roleArn, JSON.parse(text) as IssuedKeys);
  }

  /**
   * A session of a further role, assumed with another session. Errors are the SDK's own, with the call that they came
   * from.
   */
  async assume(session: Session, roleArn: string, sessionName: string): Promise<Session> {
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
    const sts = await this.#clients.sts(session);
    const name = sessionName.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: name }));
    return sessionOf(roleArn, Credentials ?? {});
  }

  #post(body: string): Promise<{ status: number; text: string }> {
    const { connections } = this.#clients;
    const secure = this.#url.protocol === 'https:';
    const request = (secure ? httpsRequest : httpRequest)(this.#url, {
      method: 'POST',
      agent: secure ? connections.https : connections.http,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      timeout: 30_000,
    });
    return new Promise((resolve, reject) => {
      request.on('response', (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', (cause) =>
        reject(
          new Failure(
            'Unreachable',
            {
              what: `${this.#url.origin}, which gives out sessions of services, cannot be reached (${cause.message})`,
              next: 'check that it is started',
            },
            { cause },
          ),
        ),
      );
      request.end(body);
    });
  }
}

/** Name of a role, from its ARN. */
export function nameOf(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}

function sessionOf(roleArn: string, keys: IssuedKeys): Session {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = keys;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Failure('ServiceSessions', {
      subject: roleArn,
      what: 'a session without credentials',
      next: 'try again',
    });
  }
  registerSecret(secretAccessKey);
  if (sessionToken !== undefined) registerSecret(sessionToken);
  return {
    name: nameOf(roleArn),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  };
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: string }).message ?? text).replace(/\.$/, '');
  } catch {
    return text.slice(0, 200);
  }
}
