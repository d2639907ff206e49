import { describe, expect, test } from '@jest/globals';
import { FAILURE_CODES, Failure, happenedIn, reworded } from './index.ts';

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

  test('as data holds its next step by itself, and its sentence can be told without it', () => {
    const { reported } = new Failure('AssetMissing', { subject: 'Api', what: 'it is gone', next: 'publish it' });
    expect(reported).toEqual({ code: 'AssetMissing', message: 'Api: it is gone: publish it.', next: 'publish it' });
    expect(happenedIn(reported)).toBe('Api: it is gone.');
    expect(happenedIn(new Failure('AssetMissing', { what: 'Is it gone?', next: 'look.' }).reported)).toBe(
      'Is it gone?.',
    );
    const without = new Failure('AssetMissing', { what: 'It is gone' }).reported;
    expect(without).toEqual({ code: 'AssetMissing', message: 'It is gone.' });
    expect(happenedIn(without)).toBe('It is gone.');
  });

  test('given other words for its texts, then its next step has them, too', () => {
    const { reported } = new Failure('AssetMissing', { what: 'a is gone', next: 'publish a' });
    expect(reworded(reported, (text) => text.replace(/\ba\b/, 'b'))).toEqual({
      code: 'AssetMissing',
      message: 'b is gone: publish a.',
      next: 'publish b',
    });
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
