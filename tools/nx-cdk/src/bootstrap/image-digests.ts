import { type Document, isMap, isSeq, parseDocument } from 'yaml';

/** Output of a bootstrap stack that says that its deploy role may read image digests. */
export const READS_IMAGES_OUTPUT = 'DeployRoleReadsImages';

const REPOSITORY = 'ContainerAssetsRepository';
const ROLE = 'DeploymentActionRole';
const VERSION_OUTPUT = 'BootstrapVersion';

const STATEMENT = {
  Sid: 'ReadImageDigests',
  Effect: 'Allow',
  Action: 'ecr:DescribeImages',
  Resource: { 'Fn::Sub': `\${${REPOSITORY}.Arn}` },
};
const OUTPUT = {
  Description: 'Whether the deploy role may read the digests of the images in the container assets repository',
  Value: 'true',
};

/** A template with the statement, or the part that it lacks. */
export type WithImageDigests = { readonly text: string } | { readonly missing: string };

/**
 * Lets the deploy role of a bootstrap template read the digests of the images in the repository of that template, and
 * nothing else: CDK's own gives it no permission on ECR, and a deployment that verifies its images has no other role.
 * What is there already is not added again.
 *
 * Variant and version stay what they are, so that this template and CDK's own can follow each other.
 *
 * @param template of CDK's own variant, in YAML or JSON
 */
export function withImageDigests(template: string): WithImageDigests {
  // A document, not a value: it keeps the tags of CloudFormation and the comments.
  const document = parseDocument(template, { logLevel: 'silent' });
  if (document.errors.length > 0 || !isUnconditional(document, REPOSITORY, 'AWS::ECR::Repository')) {
    return { missing: `resource ${REPOSITORY}` };
  }
  if (!isUnconditional(document, ROLE, 'AWS::IAM::Role')) return { missing: `resource ${ROLE}` };
  const policy = ['Resources', ROLE, 'Properties', 'Policies', 0, 'PolicyDocument'];
  const statements = document.getIn([...policy, 'Statement']);
  if (!isSeq(statements)) return { missing: `policy of ${ROLE}` };
  if (!document.hasIn(['Outputs', VERSION_OUTPUT])) return { missing: `output ${VERSION_OUTPUT}` };

  if (!statements.items.some((one) => isMap(one) && one.get('Sid') === STATEMENT.Sid)) {
    statements.items.unshift(document.createNode(STATEMENT));
  }
  const output = ['Outputs', READS_IMAGES_OUTPUT];
  if (!document.hasIn(output)) document.setIn(output, document.createNode(OUTPUT));
  return { text: textOf(document, template) };
}

/** The text of a template that was changed, in JSON if it was written in that. */
export function textOf(document: Document, template: string): string {
  const isJson = template.trimStart().startsWith('{');
  return isJson ? JSON.stringify(document, undefined, 2) : document.toString({ lineWidth: 0 });
}

/** A resource with a condition may not exist, so nothing can refer to it. */
function isUnconditional(document: Document, name: string, type: string): boolean {
  const resource = ['Resources', name];
  return document.getIn([...resource, 'Type']) === type && !document.hasIn([...resource, 'Condition']);
}
