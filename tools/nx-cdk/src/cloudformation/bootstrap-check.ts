import { bootstrapAdvice } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { nameOf } from './client.ts';
import type { ResolvedStack } from './resolved-stack.ts';

/**
 * Compares the bootstrap that stacks ask for with the one there is; one request an account, region and parameter. What
 * does not do is looked at again the next time.
 */
export class BootstrapCheck {
  readonly #aws: AwsClients;
  readonly #versions = new Map<string, Promise<number | 'missing' | 'unreadable'>>();

  constructor(aws: AwsClients) {
    this.#aws = aws;
  }

  /** @throws Failure `NotBootstrapped`, `BootstrapTooOld`. */
  async verify(resolved: ResolvedStack): Promise<void> {
    const required = resolved.stack.bootstrap;
    if (!required) return;
    const parameter = resolved.resolve(required.parameter);
    const key = `${resolved.sessionKey} ${parameter}`;
    const version = this.#versions.get(key) ?? this.#read(resolved, parameter);
    this.#versions.set(key, version);
    const found = await version.catch((error: unknown) => {
      this.#versions.delete(key);
      throw error;
    });
    if (found === 'missing' || (found !== 'unreadable' && found < required.version)) this.#versions.delete(key);
    const { targetName, stack } = resolved;
    if (found === 'missing') {
      const what = `${targetName} is not bootstrapped (no parameter ${parameter})`;
      throw new Failure('NotBootstrapped', { subject: stack.id, what, next: bootstrapAdvice(parameter) });
    }
    if (found !== 'unreadable' && found < required.version) {
      const what = `the bootstrap of ${targetName} is version ${found}, but ${required.version} is needed`;
      const next =
        'run nx bootstrap for it; if that leaves the version as it is, update @aws-cdk/toolkit-lib, or your own template';
      throw new Failure('BootstrapTooOld', { subject: stack.id, what, next });
    }
  }

  async #read(resolved: ResolvedStack, parameter: string): Promise<number | 'missing' | 'unreadable'> {
    const [client, { GetParameterCommand }] = await Promise.all([
      this.#aws.ssm(resolved.session),
      import('@aws-sdk/client-ssm'),
    ]);
    try {
      const answer = await client.send(new GetParameterCommand({ Name: parameter }));
      const version = Number(answer.Parameter?.Value);
      return Number.isFinite(version) ? version : 'unreadable';
    } catch (error) {
      if (nameOf(error) === 'ParameterNotFound') return 'missing';
      // A custom bootstrap may not let the deploy role read it. The template's own rule checks it once more.
      if (/AccessDenied/.test(nameOf(error))) return 'unreadable';
      throw error;
    }
  }
}
