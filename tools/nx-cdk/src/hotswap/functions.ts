import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsClients, Session } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

/** What is asked of a function. */
export interface FunctionFacts {
  /** SHA-256 of its archive in Base64; of an image, its digest in hex. */
  readonly sha256: string;
  readonly logGroup: string;
}

/** Where the new code of a function is: in the request, or where it was published. */
export type NewCode =
  { readonly ZipFile: Buffer } | { readonly S3Bucket: string; readonly S3Key: string } | { readonly ImageUri: string };

/**
 * An archive that is sent in the request may be that large, in bytes
 * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
 */
export const LARGEST_ARCHIVE = 50 * 1024 * 1024;

/** Milliseconds between two looks at an update: most are done in half a second. */
const DELAYS = [150, 250, 400, 700, 1000];

/** Milliseconds after which nobody waits for an update any more. */
const PATIENCE = 120_000;

/** The functions and stacks of one target, with the hotswap role. */
export class Functions {
  readonly #aws: AwsClients;
  readonly #session: Session;

  constructor(aws: AwsClients, session: Session) {
    this.#aws = aws;
    this.#session = session;
  }

  /** Names of the resources of a stack, by logical id; none for a stack that is not there. */
  async physicalIds(stackName: string): Promise<Map<string, string>> {
    const { paginateListStackResources } = await import('@aws-sdk/client-cloudformation');
    const client = await this.#aws.cloudFormation(this.#session);
    const found = new Map<string, string>();
    for await (const { StackResourceSummaries: resources = [] } of paginateListStackResources(
      { client },
      { StackName: stackName },
    )) {
      for (const { LogicalResourceId: id, PhysicalResourceId: name } of resources)
        if (id !== undefined && name !== undefined) found.set(id, name);
    }
    return found;
  }

  /** What a function runs now. */
  async look(name: string): Promise<FunctionFacts> {
    return factsOf(await this.#configuration(name), name);
  }

  /**
   * Replaces the code of a function, and waits until it answers with it.
   *
   * @returns what it runs then
   * @throws Failure `HotswapFailed` with the reason that Lambda gives
   */
  async replace(name: string, code: NewCode): Promise<FunctionFacts> {
    const { UpdateFunctionCodeCommand } = await import('@aws-sdk/client-lambda');
    const client = await this.#aws.lambda(this.#session);
    // Somebody else's update may still be running.
    const update = () => client.send(new UpdateFunctionCodeCommand({ FunctionName: name, ...code }));
    let found: Configuration = await update().catch(async (error: unknown) => {
      if ((error as { name?: string }).name !== 'ResourceConflictException') throw error;
      await this.#settled(name, await this.#configuration(name));
      return update();
    });
    found = await this.#settled(name, found);
    if (found.LastUpdateStatus !== 'Failed') return factsOf(found, name);
    const { account, region } = this.#session;
    const why = found.LastUpdateStatusReason ?? 'Lambda gives no reason';
    const what = `the code of function ${name} was not replaced: ${why.replace(/\.$/, '')}`;
    throw new Failure('HotswapFailed', { what, where: `${account}/${region}`, next: 'correct it and save again' });
  }

  /** The version that an alias points at: a number, or `$LATEST`. */
  async versionAt(name: string, alias: string): Promise<string> {
    const { GetAliasCommand } = await import('@aws-sdk/client-lambda');
    const client = await this.#aws.lambda(this.#session);
    const { FunctionVersion: version = '' } = await client.send(
      new GetAliasCommand({ FunctionName: name, Name: alias }),
    );
    return version;
  }

  /** Lets an alias point at a version. */
  async point(name: string, alias: string, version: string): Promise<void> {
    const { UpdateAliasCommand } = await import('@aws-sdk/client-lambda');
    const client = await this.#aws.lambda(this.#session);
    await client.send(new UpdateAliasCommand({ FunctionName: name, Name: alias, FunctionVersion: version }));
  }

  async #settled(name: string, found: Configuration): Promise<Configuration> {
    const until = Date.now() + PATIENCE;
    for (let look = 0; found.LastUpdateStatus === 'InProgress' && Date.now() < until; look += 1) {
      await sleep(DELAYS[Math.min(look, DELAYS.length - 1)]!);
      found = await this.#configuration(name);
    }
    return found;
  }

  async #configuration(name: string): Promise<Configuration> {
    const { GetFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda');
    const client = await this.#aws.lambda(this.#session);
    return client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  }
}

/** As much of what Lambda says of a function as is needed. */
interface Configuration {
  readonly CodeSha256?: string;
  readonly LastUpdateStatus?: string;
  readonly LastUpdateStatusReason?: string;
  readonly LoggingConfig?: { readonly LogGroup?: string };
}

function factsOf({ CodeSha256: sha256 = '', LoggingConfig: logging }: Configuration, name: string): FunctionFacts {
  return { sha256, logGroup: logging?.LogGroup ?? `/aws/lambda/${name}` };
}
