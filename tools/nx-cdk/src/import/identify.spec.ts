import type { Addition } from './additions.ts';
import { type Asking, askForMapping, readMapping } from './identify.ts';

const addition = (logicalId: string, resourceType: string, texts: Record<string, string> = {}): Addition => ({
  logicalId,
  resourceType,
  name: `Data/${logicalId}`,
  texts,
});
const BUCKET = addition('Bucket', 'AWS::S3::Bucket', { BucketName: 'mine' });
const GROUP = addition('Group', 'AWS::Cognito::UserPoolGroup', { GroupName: 'staff' });
const TABLE = addition('Table', 'AWS::DynamoDB::GlobalTable');
const KNOWN = new Map([
  ['AWS::S3::Bucket', [['BucketName']]],
  ['AWS::Cognito::UserPoolGroup', [['UserPoolId', 'GroupName']]],
  ['AWS::DynamoDB::GlobalTable', [['TableName'], ['TableArn']]],
]);

/** Somebody who gives these answers, one after the other. */
function somebody(...answers: (boolean | string)[]): Asking & { readonly questions: string[] } {
  const questions: string[] = [];
  const answer = async (question: string) => {
    questions.push(question);
    return answers.shift();
  };
  return { questions, yesOrNo: answer as Asking['yesOrNo'], text: answer as Asking['text'] };
}

test('what the template says is offered, and only what it does not say is asked for', async () => {
  const person = somebody(true, 'eu-west-1_abc');

  const mapping = await askForMapping([BUCKET, GROUP], KNOWN, person);

  expect(Object.fromEntries(mapping)).toEqual({
    Bucket: { BucketName: 'mine' },
    Group: { UserPoolId: 'eu-west-1_abc', GroupName: 'staff' },
  });
  expect(person.questions).toEqual([
    'Data/Bucket (AWS::S3::Bucket): import with BucketName=mine?',
    'Data/Group (AWS::Cognito::UserPoolGroup): UserPoolId (empty to leave it out)?',
  ]);
});

test('a no, an empty answer to each way, and a type that cannot be imported leave a resource out', async () => {
  const person = somebody(false, '', '');
  const unknown = addition('Custom', 'Custom::Thing');

  expect([...(await askForMapping([BUCKET, TABLE, unknown], KNOWN, person))]).toEqual([]);
  expect(person.questions).toHaveLength(3);
});

test('another way to name a resource is asked for if the first one is left empty', async () => {
  const mapping = await askForMapping([TABLE], KNOWN, somebody('', 'arn:table'));
  expect(mapping.get('Table')).toEqual({ TableArn: 'arn:table' });
});

test('where nobody can be asked, a file is asked for', async () => {
  const nobody = { yesOrNo: async () => undefined, text: async () => undefined };
  for (const one of [BUCKET, TABLE]) {
    await expect(askForMapping([one], KNOWN, nobody)).rejects.toMatchObject({
      code: 'NotConfirmed',
      message: expect.stringContaining('--resourceMapping'),
    });
  }
});

test('a file names resources by logical id or by path', () => {
  const text = '{ "Bucket": { "BucketName": "a" }, "Data/Table": { "TableName": "b" } }';
  expect(Object.fromEntries(readMapping(text, 'map.json', [BUCKET, TABLE]))).toEqual({
    Bucket: { BucketName: 'a' },
    Table: { TableName: 'b' },
  });
});

test.each([
  ['[]', 'map.json holds no JSON object'],
  ['{', 'map.json holds no JSON object'],
  ['{ "Buckett": {} }', 'map.json names "Buckett", which is no new resource of the stack: there are Bucket'],
  ['{ "Bucket": { "BucketName": 5 } }', 'map.json has no texts for "Bucket"'],
])('a file that holds %s is refused', (text, sentence) => {
  expect(() => readMapping(text, 'map.json', [BUCKET])).toThrow(
    expect.objectContaining({ code: 'BadOption', message: expect.stringContaining(sentence) }),
  );
});
