import { type CiTarget, partitionOf, targetName } from '@nx-cdk/environments';
import { type AwsClients, explain, isAccessDenied } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { type DeploymentRecord, formatRecord, parseRecord } from './record.ts';

/**
 * Names that one `GetParameters` may ask for
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html).
 */
const NAMES_A_CALL = 10;

/** Keeps deployment records in SSM parameters of the CI account, with the caller's own credentials. */
export class RecordStore {
  readonly #aws: AwsClients;
  readonly #ci: CiTarget;
  readonly #listener: Listener;

  constructor(aws: AwsClients, ci: CiTarget, listener: Listener) {
    this.#aws = aws;
    this.#ci = ci;
    this.#listener = listener;
  }

  /**
   * The records that there are, by parameter. One that cannot be understood counts as none, with a warning.
   *
   * @throws Failure `AccessDenied` naming parameters and action, `WrongAccount` if the caller is not in the CI account
   */
  async read(parameters: readonly string[]): Promise<Map<string, DeploymentRecord>> {
    const records = new Map<string, DeploymentRecord>();
    const client = await this.#client();
    const { GetParametersCommand } = await import('@aws-sdk/client-ssm');
    const batches = Array.from({ length: Math.ceil(parameters.length / NAMES_A_CALL) }, (_, index) =>
      parameters.slice(index * NAMES_A_CALL, (index + 1) * NAMES_A_CALL),
    );
    const answers = await Promise.all(
      batches.map((names) =>
        client
          .send(new GetParametersCommand({ Names: names }))
          .catch((error: unknown) => this.#refused(error, 'read', 'ssm:GetParameters', names)),
      ),
    );
    for (const { Name: name, Value: value } of answers.flatMap(({ Parameters: found = [] }) => found)) {
      const record = parseRecord(value ?? '');
      if (name !== undefined && record !== undefined) {
        records.set(name, record);
        continue;
      }
      const text = `The parameter ${name} in ${targetName(this.#ci)} holds no deployment record: it counts as none.`;
      this.#listener({ type: 'message', level: 'warning', text });
    }
    return records;
  }

  /** Writes a record in place of the one that is there. @throws Failure as `read` does */
  async write(parameter: string, record: DeploymentRecord): Promise<void> {
    const client = await this.#client();
    const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
    const how = { Type: 'String', Tier: 'Standard', Overwrite: true } as const;
    await client
      .send(new PutParameterCommand({ Name: parameter, Value: formatRecord(record), ...how }))
      .catch((error: unknown) => this.#refused(error, 'write', 'ssm:PutParameter', [parameter]));
  }

  /** Refuses other accounts: parameters of the same name there are about other deployments. */
  async #client() {
    const { account, region } = this.#ci;
    const caller = await this.#aws.caller().catch((error: unknown) => {
      // Credentials without a region of their own still work in that of the CI account.
      if (error instanceof Failure && error.code === 'NoRegion') return undefined;
      throw error;
    });
    if (caller === undefined || caller.account === account) return this.#aws.ssm({ account, region });
    throw new Failure('WrongAccount', {
      what: `Deployments are recorded in the CI account ${account}, but the credentials are for account ${caller.account}`,
      next: `use credentials of ${account}`,
    });
  }

  #refused(error: unknown, verb: string, action: string, names: readonly string[]): never {
    if (!isAccessDenied(error)) throw error;
    const what = names.length === 1 ? `parameter ${names[0]}` : `parameters ${names.join(', ')}`;
    const { account, region } = this.#ci;
    const arns = names.map((name) => `arn:${partitionOf(region)}:ssm:${region}:${account}:parameter${name}`);
    const next = `allow its role ${action} on ${arns.join(', ')}`;
    throw new Failure(
      'AccessDenied',
      { what: `The caller may not ${verb} the ${what}`, where: targetName(this.#ci), next },
      { cause: error, denied: { ...explain(error).denied, action } },
    );
  }
}
