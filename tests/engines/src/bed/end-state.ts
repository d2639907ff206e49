import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStackEvents,
} from '@aws-sdk/client-cloudformation';

/** Everything of a stack that tells one end of a deployment from another. */
export interface StackState {
  readonly name: string;
  readonly status: string;
  readonly template: unknown;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly terminationProtection: boolean;
  readonly executionRole: string | undefined;
  /** The statuses that the stack went through, in order: a second creation or update shows as a further pair. */
  readonly operations: readonly string[];
}

/**
 * The stacks of an app, as they are. Its name, content hashes and the random ends of physical names stand as
 * placeholders in the result, so that two apps that differ in nothing else can be compared.
 *
 * @param app what every stack name begins with
 */
export async function endStateOf(
  client: CloudFormationClient,
  app: string,
  stackNames: readonly string[],
): Promise<StackState[]> {
  const states = await Promise.all(stackNames.map((name) => stateOf(client, name)));
  return JSON.parse(
    JSON.stringify(states)
      .replaceAll(app, '<app>')
      .replace(/[0-9a-f]{64}/g, '<hash>')
      .replace(/-[0-9A-F]{13}\b/g, '-<random>'),
  ) as StackState[];
}

async function stateOf(client: CloudFormationClient, name: string): Promise<StackState> {
  const [stack] = (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks!;
  const template = new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' });
  return {
    name,
    status: stack!.StackStatus!,
    template: JSON.parse((await client.send(template)).TemplateBody!),
    parameters: entries(stack!.Parameters, 'ParameterKey', 'ParameterValue'),
    tags: entries(stack!.Tags, 'Key', 'Value'),
    outputs: entries(stack!.Outputs, 'OutputKey', 'OutputValue'),
    terminationProtection: stack!.EnableTerminationProtection ?? false,
    executionRole: stack!.RoleARN,
    operations: await operationsOf(client, stack!.StackId!),
  };
}

/** Statuses that the stack itself went through since it was made, oldest first. Being reviewed is no operation. */
export async function operationsOf(client: CloudFormationClient, stackId: string): Promise<string[]> {
  const statuses: string[] = [];
  for await (const { StackEvents: events = [] } of paginateDescribeStackEvents({ client }, { StackName: stackId })) {
    for (const event of events) if (event.PhysicalResourceId === stackId) statuses.unshift(event.ResourceStatus!);
  }
  return statuses.filter((status) => status !== 'REVIEW_IN_PROGRESS');
}

function entries<T>(list: readonly T[] | undefined, key: keyof T, value: keyof T): Record<string, string> {
  return Object.fromEntries((list ?? []).map((item) => [String(item[key]), String(item[value])]).sort());
}
