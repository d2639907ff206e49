import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { AwsClients } from '../../aws/index.ts';

/** What happens to one call. A killed process makes no further one. */
export const FAULTS = [
  'its answer is lost',
  'the process is killed before it',
  'the process is killed after it',
] as const;

export interface Fault {
  /** From 1 on. */
  readonly call: number;
  readonly kind: (typeof FAULTS)[number];
}

export type Command = Parameters<CloudFormationClient['send']>[0];

const NEVER = new Promise<never>(() => {});

/**
 * Clients of CloudFormation with a fault.
 *
 * @param die called when the process is killed
 * @param carryOut sends a command. @default - the client does
 */
export function faultyClients(
  aws: AwsClients,
  fault: Fault | undefined,
  die: () => void,
  carryOut = (client: CloudFormationClient, command: Command): Promise<unknown> => client.send(command as never),
): AwsClients {
  let calls = 0;
  const send = async (client: CloudFormationClient, command: Command): Promise<unknown> => {
    calls += 1;
    const isKilled = fault !== undefined && fault.kind !== 'its answer is lost';
    if (isKilled && calls > fault.call) return NEVER;
    if (calls !== fault?.call) return carryOut(client, command);
    if (fault.kind !== 'the process is killed before it') await carryOut(client, command).catch(() => undefined);
    // The SDK sends a request again if no answer comes.
    if (!isKilled) return carryOut(client, command);
    die();
    return NEVER;
  };
  return {
    ...aws,
    cloudFormation: async (session) => {
      const client = await aws.cloudFormation(session);
      return { send: (command: Command) => send(client, command) } as CloudFormationClient;
    },
  };
}
