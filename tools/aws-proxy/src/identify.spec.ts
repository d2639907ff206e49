import { identify, sessionIn } from './identify.ts';

const nobody = () => undefined;

function signed(service: string, accessKeyId = '111111111111') {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
  };
}

describe('what a request says of itself', () => {
  test('a form names its action', () => {
    const request = { method: 'POST', url: '/', headers: signed('cloudformation') };
    expect(identify(request, 'Action=DescribeStacks&Version=2010-05-15', nobody)).toEqual({
      method: 'POST',
      path: '/',
      service: 'cloudformation',
      action: 'DescribeStacks',
      region: 'eu-west-1',
      account: '111111111111',
      role: undefined,
    });
  });

  test('a JSON service names it in X-Amz-Target', () => {
    const headers = { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.GetParameter' };
    expect(identify({ method: 'POST', url: '/', headers }, '', nobody)).toMatchObject({
      service: 'ssm',
      action: 'GetParameter',
    });
  });

  test.each([
    ['GET', '/', 'ListBuckets'],
    ['GET', '/bucket?list-type=2&prefix=a', 'ListObjectsV2'],
    ['GET', '/bucket/?location', 'GetBucketLocation'],
    ['GET', '/bucket?encryption', 'GetBucketEncryption'],
    ['HEAD', '/bucket/some/key.zip', 'HeadObject'],
    ['PUT', '/bucket/key?x-id=PutObject', 'PutObject'],
    ['PUT', '/bucket/key?partNumber=1&uploadId=u', 'UploadPart'],
    ['POST', '/bucket/key?uploads', 'CreateMultipartUpload'],
    ['POST', '/bucket/key?uploadId=u', 'CompleteMultipartUpload'],
    ['POST', '/bucket?delete', 'DeleteObjects'],
    ['PUT', '/bucket', 'CreateBucket'],
  ])('S3 %s %s is %s', (method, url, action) => {
    expect(identify({ method, url, headers: signed('s3') }, '', nobody)).toMatchObject({ service: 's3', action });
  });

  test('a key that was handed out tells account and role', () => {
    const request = { method: 'GET', url: '/bucket/key', headers: signed('s3', 'ASIAEXAMPLE') };
    const owner = { account: '222222222222', role: 'publisher' };
    expect(identify(request, '', (id) => (id === 'ASIAEXAMPLE' ? owner : undefined))).toMatchObject(owner);
  });

  test('nothing is made up for a request without a signature', () => {
    expect(identify({ method: 'GET', url: '/health?x=1', headers: {} }, '', nobody)).toEqual({
      method: 'GET',
      path: '/health?x=1',
      service: 'unknown',
      action: 'GET /health',
      region: undefined,
      account: undefined,
      role: undefined,
    });
  });

  test('a request signed in its address is known by it', () => {
    const url = '/bucket/key?X-Amz-Credential=333333333333%2F20260101%2Fus-east-1%2Fs3%2Faws4_request';
    expect(identify({ method: 'GET', url, headers: {} }, '', nobody)).toMatchObject({
      service: 's3',
      account: '333333333333',
      region: 'us-east-1',
    });
  });

  test.each([
    ['POST', '/v2/my/images/blobs/uploads/', 'InitiateLayerUpload'],
    ['PATCH', '/v2/my/images/blobs/uploads/1-2', 'UploadLayerPart'],
    ['PUT', '/v2/my/images/blobs/uploads/1-2?digest=sha256:0', 'CompleteLayerUpload'],
    ['HEAD', '/v2/my/images/blobs/sha256:0', 'BatchCheckLayerAvailability'],
    ['GET', '/v2/my/images/blobs/sha256:0', 'GetDownloadUrlForLayer'],
    ['GET', '/v2/my/images/manifests/tag', 'BatchGetImage'],
    ['PUT', '/v2/my/images/manifests/tag', 'PutImage'],
    ['GET', '/v2/', 'GET /v2/'],
  ])('%s %s at a registry is %s, in the account and region of its host', (method, url, action) => {
    const headers = { host: '222222222222.dkr.ecr.us-east-1.amazonaws.com', authorization: 'Basic QVdTOng=' };
    const registry = { service: 'ecr', account: '222222222222', region: 'us-east-1' };
    expect(identify({ method, url, headers }, '', nobody)).toMatchObject({ ...registry, action });
  });
});

test('an answer of AssumeRole tells whose its key is', () => {
  const arn = 'arn:aws:sts::222222222222:assumed-role/publisher/name';
  const answer = `<AccessKeyId>ASIAEXAMPLE</AccessKeyId><Arn>${arn}</Arn>`;
  expect(sessionIn(answer)).toEqual(['ASIAEXAMPLE', { account: '222222222222', role: 'publisher' }]);
  expect(sessionIn('<ErrorResponse/>')).toBeUndefined();
});
