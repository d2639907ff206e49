import type { ScratchWorkspace } from 'test-bed';

/**
 * Drops a CDK app into `apps/` that was not made for this workspace: plain JavaScript, CommonJS, no environments file,
 * no project.json, only the two files that `cdk init` would leave and the app itself.
 *
 * @param source the app; `aws-cdk-lib` is in scope as `cdk`, the app as `app`
 * @param manifest what its package.json holds
 */
export async function addForeignApp(
  workspace: ScratchWorkspace,
  folder: string,
  source: string,
  manifest: object = { name: folder, version: '0.1.0' },
): Promise<void> {
  const header = "const cdk = require('aws-cdk-lib');\nconst app = new cdk.App();\n";
  await Promise.all([
    workspace.write(`apps/${folder}/cdk.json`, JSON.stringify({ app: 'node app.js' })),
    workspace.write(`apps/${folder}/package.json`, JSON.stringify(manifest)),
    workspace.write(`apps/${folder}/app.js`, header + source),
  ]);
}

/**
 * An app with everything that makes an assembly hard to read: nested stages, references between stacks, a nested stack
 * with an asset of its own, a stack for whatever account and region the caller is in.
 */
export function manifoldApp(account: string, region: string): string {
  return `
const { Topic } = require('aws-cdk-lib/aws-sns');
const { Queue } = require('aws-cdk-lib/aws-sqs');
const { StringParameter } = require('aws-cdk-lib/aws-ssm');
const { Asset } = require('aws-cdk-lib/aws-s3-assets');
const path = require('node:path');
const env = { account: '${account}', region: '${region}' };

class Part extends cdk.NestedStack {
  constructor(scope, id, topic) {
    super(scope, id);
    const asset = new Asset(this, 'Source', { path: path.join(__dirname, 'app.js') });
    new StringParameter(this, 'Where', { stringValue: asset.s3ObjectKey + ' ' + topic.topicArn });
  }
}

function service(scope, prefix) {
  const base = new cdk.Stack(scope, 'Base', { env, stackName: prefix + '-base' });
  const topic = new Topic(base, 'Topic');
  const front = new cdk.Stack(scope, 'Front', { env, stackName: prefix + '-front' });
  new cdk.CfnOutput(front, 'TopicArn', { value: topic.topicArn });
  new Part(front, 'Part', topic);
}

service(app, 'plain');
const outer = new cdk.Stage(app, 'outer');
service(outer, 'outer');
service(new cdk.Stage(outer, 'inner'), 'inner');
const anywhere = new cdk.Stack(app, 'Anywhere', { stackName: 'anywhere' });
new cdk.CfnOutput(anywhere, 'Here', { value: anywhere.account + '/' + anywhere.region });
new Queue(anywhere, 'Queue');
`;
}

/** Many small stacks, each of which but the first ten depends on one that came before. */
export function wideApp(account: string, region: string, stacks: number): string {
  return `
const { StringParameter } = require('aws-cdk-lib/aws-ssm');
const env = { account: '${account}', region: '${region}' };
const all = [];
for (let i = 0; i < ${stacks}; i++) {
  const stack = new cdk.Stack(app, 'Wide' + i, { env });
  new StringParameter(stack, 'Number', { stringValue: String(i) });
  if (i >= 10) stack.addDependency(all[i - 10]);
  all.push(stack);
}
`;
}
