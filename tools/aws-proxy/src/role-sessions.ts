import type { KeyOwner } from './identify.ts';

/**
 * Remembers whose the session keys are that STS hands out, so that a request signed with one can be told by account and
 * role. Only the key's id is kept: the secret and the token pass by.
 */
export class RoleSessions {
  readonly #owners = new Map<string, KeyOwner>();

  ownerOf(accessKeyId: string): KeyOwner | undefined {
    return this.#owners.get(accessKeyId);
  }

  /** Reads an answer of AssumeRole (docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html). */
  learn(answer: string): void {
    const accessKeyId = /<AccessKeyId>([^<]+)<\/AccessKeyId>/.exec(answer)?.[1];
    const assumed = /<Arn>arn:[\w-]+:sts::(\d{12}):assumed-role\/([^/<]+)\//.exec(answer);
    if (accessKeyId && assumed?.[1]) this.#owners.set(accessKeyId, { account: assumed[1], role: assumed[2] });
  }

  clear(): void {
    this.#owners.clear();
  }
}
