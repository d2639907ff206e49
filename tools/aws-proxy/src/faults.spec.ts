import { faultAnswer } from './fault-answer.ts';
import { Faults } from './faults.ts';
import type { RequestIdentity } from './identify.ts';

function request(service: string, action: string, method = 'POST'): RequestIdentity {
  return { method, path: '/', service, action, region: 'eu-west-1', account: '111111111111' };
}

describe('which request fails', () => {
  test('the first matching one, once, unless told otherwise', () => {
    const faults = new Faults();
    const fault = faults.add({ match: { action: 'DescribeStacks' }, with: 'throttling' });

    const failed = ['DescribeEvents', 'DescribeStacks', 'DescribeStacks'].map(
      (action) => faults.next(request('cloudformation', action)) !== undefined,
    );

    expect(failed).toEqual([false, true, false]);
    expect(fault.injected).toBe(1);
  });

  test('the second and the third whose action matches a pattern', () => {
    const faults = new Faults();
    faults.add({ match: { service: 's3', action: /^Put/ }, with: 'service-unavailable', nth: 2, times: 2 });
    const failed = ['PutObject', 'GetObject', 'PutObject', 'PutObject', 'PutObject'].map(
      (action) => faults.next(request('s3', action)) !== undefined,
    );
    expect(failed).toEqual([false, false, true, true, false]);
  });

  test('every one, until the faults are cleared', () => {
    const faults = new Faults();
    faults.add({ match: ({ account }) => account === '111111111111', with: 'cut-before', times: Infinity });
    expect(faults.next(request('sts', 'AssumeRole'))).toBeDefined();
    expect(faults.next(request('ssm', 'GetParameter'))).toBeDefined();
    faults.clear();
    expect(faults.next(request('ssm', 'GetParameter'))).toBeUndefined();
  });
});

describe('the answer of a failing service', () => {
  test('CloudFormation and STS answer in query XML', () => {
    const answer = faultAnswer('throttling', request('cloudformation', 'CreateChangeSet'));
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'text/xml' } });
    expect(answer?.body).toContain(
      '<Error><Type>Sender</Type><Code>Throttling</Code><Message>Injected fault</Message>',
    );
  });

  test('S3 asks to slow down, and says nothing to a HEAD', () => {
    const answer = faultAnswer('throttling', request('s3', 'PutObject', 'PUT'));
    expect(answer?.status).toBe(503);
    expect(answer?.body).toContain('<Code>SlowDown</Code>');
    expect(faultAnswer('throttling', request('s3', 'HeadObject', 'HEAD'))).toMatchObject({ status: 503, body: '' });
  });

  test('SSM answers in JSON, a registry in its own', () => {
    const answer = faultAnswer('throttling', request('ssm', 'GetParameter'));
    expect(answer?.status).toBe(400);
    expect(JSON.parse(answer?.body ?? '')).toEqual({ __type: 'ThrottlingException', message: 'Injected fault' });
    const push = { ...request('ecr', 'PutImage', 'PUT'), path: '/v2/images/manifests/tag' };
    const errors = [{ code: 'ServiceUnavailable', message: 'Injected fault' }];
    expect(faultAnswer('service-unavailable', push)).toMatchObject({ status: 503, body: JSON.stringify({ errors }) });
  });

  test('an answer of your own', () => {
    const answer = faultAnswer({ status: 418, code: 'Teapot<' }, request('sts', 'AssumeRole'));
    expect(answer?.status).toBe(418);
    expect(answer?.body).toContain('<Code>Teapot&lt;</Code><Message>Injected fault</Message>');
  });

  test('a cut connection has none', () => {
    expect(faultAnswer('lost-answer', request('sts', 'AssumeRole'))).toBeUndefined();
  });
});
