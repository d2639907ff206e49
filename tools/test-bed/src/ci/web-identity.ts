import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from '@nx-cdk/local-aws';

/** What a CI system's token says about a job. */
export interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  /** Of GitHub. */
  readonly ref?: string;
}

/** A token with these claims, good for an hour. */
export function tokenOf(aws: LocalAws, claims: Claims): string {
  const now = Math.floor(Date.now() / 1000);
  return aws.identityToken({ ...claims, iat: now, nbf: now - 10, exp: now + 3600 });
}

/** What an action for AWS credentials does with a token. */
export async function sessionOf(
  aws: LocalAws,
  region: string,
  roleArn: string,
  token: string,
): Promise<AwsCredentialIdentity> {
  const sts = new STSClient({
    endpoint: aws.endpoint,
    region,
    // Nobody signs this request.
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(aws.caFile) }) }),
  });
  try {
    const { Credentials: session } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: roleArn, RoleSessionName: 'ci', WebIdentityToken: token }),
    );
    return {
      accessKeyId: session!.AccessKeyId!,
      secretAccessKey: session!.SecretAccessKey!,
      sessionToken: session!.SessionToken!,
    };
  } finally {
    sts.destroy();
  }
}
