import type { AwsClients } from '../aws/index.ts';
import { hasCredentials } from '../inputs/index.ts';

/** How long AWS may take to say who the caller is. Without a network the app runs without the answer. */
const PATIENCE_MS = 5_000;

/**
 * `CDK_DEFAULT_ACCOUNT` and `CDK_DEFAULT_REGION`, as the CDK CLI gives them to an app: the account of the caller, if
 * there are credentials, and the region of environment or profile, or else us-east-1
 * (https://docs.aws.amazon.com/cdk/v2/guide/environments.html). What the shell sets is left as it is.
 */
export async function defaultEnvironment(
  aws: AwsClients,
  environment: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: given } = environment;
  const region = given || (await aws.region().catch(() => 'us-east-1'));
  const asked = account || (hasCredentials(environment) ? await callersAccount(aws, region) : undefined);
  return { CDK_DEFAULT_REGION: region, ...(asked !== undefined && { CDK_DEFAULT_ACCOUNT: asked }) };
}

async function callersAccount(aws: AwsClients, region: string): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, undefined)));
  const account = aws.caller(region).then(
    (caller) => caller.account,
    // An app may do without: the CDK CLI lets it, too.
    () => undefined,
  );
  return Promise.race([account, patience]).finally(() => clearTimeout(timer));
}
