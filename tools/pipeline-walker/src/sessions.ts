import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { HttpRequest } from '@smithy/core/protocols';
import { startingEndpoint } from 'nx-cdk/aws';
import { Failure } from 'nx-cdk/failure';
import { registerSecret } from 'nx-cdk/progress';
import type { Clients, RoleSession, Session } from './clients.ts';
import type { RunningAction, Walk } from './walk.ts';

/** Names a URL that gives out sessions of roles as AWS services get them. AWS itself has no such URL. */
const SERVICE_SESSIONS_VARIABLE = 'NX_CDK_SERVICE_SESSIONS';

/** Names what that URL asks for. */
const SERVICE_SESSIONS_SECRET_VARIABLE = 'NX_CDK_SERVICE_SESSIONS_SECRET';

/** The part of an answer that both the URL and STS give. */
interface IssuedKeys {
  readonly AccessKeyId?: string;
  readonly SecretAccessKey?: string;
  readonly SessionToken?: string;
}

/**
 * The URL that gives out sessions of services. Without it a walk would mean AWS itself, and is refused.
 *
 * @throws Failure `NoServiceSessions`
 */
export function serviceSessionsUrl(): URL {
  const url = process.env[SERVICE_SESSIONS_VARIABLE];
  if (url && process.env['AWS_ENDPOINT_URL']) return new URL(url);
  throw new Failure('NoServiceSessions', {
    what: `${url ? 'AWS_ENDPOINT_URL' : SERVICE_SESSIONS_VARIABLE} is not set`,
    next:
      'start the local AWS (npx local-aws start), which gives out the sessions of services, and rehearse with ' +
      '-c local-aws; AWS itself is never rehearsed on',
  });
}

/** The session of an action: of the pipeline's role, or of the action's own, which the pipeline's role assumes. */
export async function actionSession(walk: Walk, action: RunningAction): Promise<RoleSession> {
  const { clients, definition, partition, region, account } = walk;
  const { name, roleArn = '' } = definition;
  const pipelineArn = `arn:${partition}:codepipeline:${region}:${account}:${name}`;
  action.role = roleArn;
  const pipeline = await serviceSession(clients, roleArn, 'codepipeline.amazonaws.com', pipelineArn);
  if (action.roleArn === undefined) return pipeline;
  // If this is refused, either the pipeline's role lacks a permission, or the action's role does not trust it.
  const session = await assumeRole(clients, pipeline, action.roleArn, `${name}-${action.name}`);
  action.role = action.roleArn;
  return session;
}

/**
 * A session of a role as a service gets it.
 *
 * @param service service principal, such as `codebuild.amazonaws.com`
 * @param sourceArn what the service acts for
 * @throws Failure `ServiceSessionDenied` if the role does not trust the service, or does not exist
 */
export async function serviceSession(
  { http }: Clients,
  roleArn: string,
  service: string,
  sourceArn: string,
): Promise<RoleSession> {
  const secret = process.env[SERVICE_SESSIONS_SECRET_VARIABLE] ?? '';
  registerSecret(secret);
  const { origin, protocol, hostname, port, pathname: path } = serviceSessionsUrl();
  const request = new HttpRequest({
    ...{ protocol, hostname, path, ...(port && { port: Number(port) }) },
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-local-aws-secret': secret },
    body: JSON.stringify({ roleArn, service, sourceArn, sourceAccount: sourceArn.split(':')[4] }),
  });
  const { response } = await http.handle(request).catch((cause: Error) => {
    const what = `${origin}, which gives out sessions of services, cannot be reached (${cause.message})`;
    throw new Failure('Unreachable', { what, next: startingEndpoint() }, { cause });
  });
  const answer = await text(response.body as Readable);
  if (response.statusCode === 403) {
    throw new Failure(
      'ServiceSessionDenied',
      {
        what: `${service} may not assume the role ${nameOf(roleArn)} (${roleArn})`,
        next: 'there is no such role, or its trust policy does not allow sts:AssumeRole to that service; correct the role and deploy the pipeline',
      },
      { denied: { action: 'sts:AssumeRole', resource: roleArn, role: service } },
    );
  }
  if (response.statusCode !== 200) {
    throw new Failure('ServiceSessions', {
      what: `${origin} gave no session of ${roleArn} (HTTP ${response.statusCode}): ${messageOf(answer)}`,
      next: `check ${SERVICE_SESSIONS_VARIABLE}, what it names, and ${SERVICE_SESSIONS_SECRET_VARIABLE}`,
    });
  }
  return sessionOf(roleArn, JSON.parse(answer) as IssuedKeys);
}

/** A session of a role that another session assumes. Errors are the SDK's own. */
async function assumeRole(clients: Clients, session: Session, RoleArn: string, name: string): Promise<RoleSession> {
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const sts = await clients.sts(session);
  const RoleSessionName = name.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
  return sessionOf(RoleArn, Credentials ?? {});
}

/** Name of a role, from its ARN. */
export function nameOf(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}

function sessionOf(roleArn: string, keys: IssuedKeys): RoleSession {
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

function messageOf(answer: string): string {
  try {
    return String((JSON.parse(answer) as { message?: string }).message ?? answer).replace(/\.$/, '');
  } catch {
    return answer.slice(0, 200);
  }
}
