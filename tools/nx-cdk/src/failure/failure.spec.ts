import { describe, expect, test } from '@jest/globals';
import { FAILURE_CODES, Failure } from './index.ts';

describe('a failure', () => {
  test('is data, and one sentence of it', () => {
    const failure = new Failure('NotBootstrapped', {
      subject: 'staging/Data',
      what: 'there is no bucket assets',
      where: '111111111111/eu-west-1',
      next: 'run nx bootstrap',
    });

    expect(failure.message).toBe(
      'staging/Data: there is no bucket assets in 111111111111/eu-west-1: run nx bootstrap.',
    );
    expect(failure).toMatchObject({ code: 'NotBootstrapped', subject: 'staging/Data', next: 'run nx bootstrap' });
  });

  test('given only what happened, then that is the sentence', () => {
    expect(new Failure('NoRegion', { what: 'No AWS region is set' }).message).toBe('No AWS region is set.');
    expect(new Failure('NoRegion', { what: 'Is it set?' }).message).toBe('Is it set?');
  });

  test('can be told of another subject, with its code and cause', () => {
    const cause = new Error('refused');
    const failure = new Failure('AssumeRoleDenied', { what: 'the role cannot be assumed' }, { cause }).of('prod/Api');

    expect(failure.message).toBe('prod/Api: the role cannot be assumed.');
    expect(failure).toMatchObject({ code: 'AssumeRoleDenied', cause });
  });

  test('has a code of a closed list, each once and in order', () => {
    expect([...new Set(FAILURE_CODES)].sort()).toEqual([...FAILURE_CODES]);
  });
});
