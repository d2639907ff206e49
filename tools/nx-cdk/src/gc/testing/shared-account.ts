import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AwsClients } from '../../aws/index.ts';
import type { Clock } from '../../cloudformation/index.ts';

interface Stored {
  readonly body: string;
  readonly modifiedAt: number;
}

/** A stack in the fake account. */
export interface FakeStack {
  readonly name: string;
  readonly template: string;
  readonly status: string;
  /** Templates of change sets that nobody executed. */
  readonly changeSets: readonly string[];
}

/** Somebody who makes requests, and how many have been made. */
export interface Actor {
  readonly aws: AwsClients;
  readonly requests: readonly string[];
}

/** Decides when a request arrives: it may wait, and need not ever end. */
export type Turn = (actor: string, request: string) => Promise<void>;

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Record<string, never> & { readonly Key: string; readonly Prefix?: string; readonly Body: string };
}

/**
 * One account in memory that several actors share. Each request happens as a whole, at the moment that `turn` gives it:
 * S3 and ECR answer what was written last. The real ones are in tests/engines.
 */
export class SharedAccount {
  readonly objects = new Map<string, Stored>();
  /** Tags, with the time when they were pushed. */
  readonly images = new Map<string, number>();
  readonly stacks: FakeStack[] = [];
  /** How many objects a page of a listing has. */
  pageSize = 1000;
  turn: Turn = async () => undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(key: string, body: string, modifiedAt = this.#clock.now()): void {
    this.objects.set(key, { body, modifiedAt });
  }

  actor(name: string): Actor {
    const requests: string[] = [];
    const client = async () => ({
      send: async (command: Command) => {
        const action = command.constructor.name.replace(/Command$/, '');
        requests.push(action);
        await this.turn(name, action);
        return this.#answer(action, command.input);
      },
    });
    return { aws: { s3: client, ecr: client, cloudFormation: client } as unknown as AwsClients, requests };
  }

  #answer(action: string, input: Command['input']): object {
    const { Key: key, Prefix: prefix = '' } = input;
    switch (action) {
      case 'GetBucketEncryption':
        return {};
      case 'PutObject':
        this.put(key, input.Body);
        return {};
      case 'CopyObject': {
        const { body } = this.#stored(String(input['CopySource']).replace(/^[^/]+\//, ''), 'NoSuchKey');
        this.put(key, body);
        return {};
      }
      case 'DeleteObject':
        this.objects.delete(key);
        return {};
      case 'DeleteObjects':
        for (const one of (input['Delete'] as unknown as { Objects: { Key: string }[] }).Objects)
          this.objects.delete(one.Key);
        return {};
      case 'GetObject': {
        const { body, modifiedAt } = this.#stored(key, 'NoSuchKey');
        const Body = Object.assign(Readable.from([body]), { transformToString: async () => body });
        return { Body, LastModified: new Date(modifiedAt) };
      }
      case 'HeadObject': {
        const { body } = this.#stored(key, 'NotFound');
        return { ChecksumSHA256: createHash('sha256').update(body).digest('base64') };
      }
      case 'ListObjectsV2': {
        const start = Number(input['ContinuationToken'] ?? 0);
        const all = [...this.objects].filter(([each]) => each.startsWith(prefix));
        const page = all.slice(start, start + this.pageSize);
        const next = start + this.pageSize;
        return {
          Contents: page.map(([Key, { body, modifiedAt }]) => {
            return { Key, Size: body.length, LastModified: new Date(modifiedAt) };
          }),
          ...(next < all.length && { NextContinuationToken: String(next) }),
        };
      }
      case 'DescribeImages': {
        const images = [...this.images].map(([tag, pushedAt]) => {
          return { imageTags: [tag], imageSizeInBytes: 7, imagePushedAt: new Date(pushedAt) };
        });
        return { imageDetails: images };
      }
      case 'BatchDeleteImage':
        for (const one of input['imageIds'] as unknown as { imageTag: string }[]) this.images.delete(one.imageTag);
        return {};
      default:
        return this.#answerOfStacks(action, input);
    }
  }

  #answerOfStacks(action: string, input: Command['input']): object {
    const stack = this.stacks.find(({ name }) => name === input['StackName'])!;
    switch (action) {
      case 'DescribeStacks':
        return {
          Stacks: this.stacks.map(({ name, status }) => ({ StackName: name, StackId: name, StackStatus: status })),
        };
      case 'GetTemplate': {
        const changeSet = input['ChangeSetName'] as string | undefined;
        return { TemplateBody: changeSet === undefined ? stack.template : stack.changeSets[Number(changeSet)] };
      }
      case 'ListChangeSets':
        return {
          Summaries: stack.changeSets.map((_, index) => ({ ChangeSetId: String(index), Status: 'CREATE_COMPLETE' })),
        };
      case 'DescribeChangeSet':
        return {};
      default:
        throw new Error(`${action} is not asked for here`);
    }
  }

  #stored(key: string, error: string): Stored {
    const found = this.objects.get(key);
    if (found === undefined) throw Object.assign(new Error(error), { name: error, $metadata: { httpStatusCode: 404 } });
    return found;
  }
}
