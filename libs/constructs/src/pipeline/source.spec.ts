import { CONNECTION, testEnvironments, testStack } from './testing/test-app.ts';
import { LiteralTemplate } from './testing/literal-template.ts';

describe('the source', () => {
  const actionOf = (of: LiteralTemplate) => of.stages[0]!.Actions[0]!;

  test('by a connection is cloned with its history', () => {
    expect(actionOf(new LiteralTemplate(testStack()))).toMatchObject({
      ActionTypeId: { Provider: 'CodeStarSourceConnection' },
      Configuration: {
        ConnectionArn: CONNECTION,
        FullRepositoryId: 'example/shop',
        BranchName: 'main',
        OutputArtifactFormat: 'CODEBUILD_CLONE_REF',
      },
    });
  });

  test('by a connection under the old name of the service asks for the permission of that name', () => {
    const connection = CONNECTION.replace('codeconnections', 'codestar-connections');
    const old = new LiteralTemplate(
      testStack(testEnvironments({ source: { type: 'connection', repository: 'a/b', branch: 'main', connection } })),
    );
    expect(old.text).toContain('codestar-connections:UseConnection');
    expect(old.text).not.toContain('"codeconnections:');
  });

  test('by a token has it from Secrets Manager, and no role reads the secret', () => {
    const github = new LiteralTemplate(
      testStack(
        testEnvironments({
          source: { type: 'github-token', repository: 'example/shop', branch: 'release', tokenSecret: 'token' },
        }),
      ),
    );
    expect(actionOf(github)).toMatchObject({
      ActionTypeId: { Owner: 'ThirdParty', Provider: 'GitHub' },
      Configuration: { Owner: 'example', Repo: 'shop', Branch: 'release' },
    });
    expect(actionOf(github).Configuration['OAuthToken']).toContain('{{resolve:secretsmanager:');
    expect(JSON.stringify(github.roles)).not.toContain('secretsmanager');
    expect(JSON.stringify(github.roles)).not.toContain('UseConnection');
  });

  test('that is a zip is read by the pipeline, that one object', () => {
    const zip = new LiteralTemplate(
      testStack(testEnvironments({ source: { type: 's3', bucket: 'sources', key: 'shop.zip' } })),
    );
    expect(actionOf(zip)).toMatchObject({
      Name: 'Source',
      ActionTypeId: { Provider: 'S3' },
      Configuration: { S3Bucket: 'sources', S3ObjectKey: 'shop.zip' },
    });
    const reading = zip.roles.filter((role) => JSON.stringify(role).includes(':::sources/'));
    expect(reading.map(({ name }) => name)).toEqual(['nx-cdk-pipeline']);
    expect(JSON.stringify(reading)).toContain('"arn:aws:s3:::sources/shop.zip"');
  });
});
