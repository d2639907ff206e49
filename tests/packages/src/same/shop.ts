import { CI, PROD, STAGING } from 'test-bed';
import type { Workspace } from './workspaces.ts';

/** The project, and its folder in `apps`. */
export const SHOP = 'shop';

const ENVIRONMENTS = {
  ci: CI,
  environments: [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [PROD] },
  ],
};

/**
 * Writes a small app that uses of this project's packages what a workspace has of them. It has a promotion, a reference
 * between stacks, a file and a folder to publish, and warnings.
 */
export async function writeShop(workspace: Workspace): Promise<void> {
  const write = (file: string, content: string | object) => {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`;
    return workspace.write(`apps/${SHOP}/${file}`, text);
  };
  await write('package.json', { name: SHOP, version: '0.1.0', private: true, type: 'module' });
  await write('cdk.json', { app: 'node app.js', context: { 'nx-cdk:environments': 'shop.json' } });
  await write('shop.json', ENVIRONMENTS);
  await write('site/index.html', '<h1>Shop</h1>\n');
  await write('app.js', APP);
}

const APP = `import { QueueWithDeadLetters, runApp } from '@nx-cdk/constructs';
import { readEnvironments } from '@nx-cdk/environments';
import { Annotations, CfnOutput, Stack, Stage } from 'aws-cdk-lib/core';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';

runApp((app) => {
  const { environments } = readEnvironments(app.node.tryGetContext('nx-cdk:environments'));
  for (const { name, targets: [env] } of environments) {
    const stage = new Stage(app, name);
    const data = new Stack(stage, 'Data', { env });
    const { queue } = new QueueWithDeadLetters(data, 'Orders');
    Annotations.of(data).addWarningV2('shop:small', 'This shop is small.');
    const service = new Stack(stage, 'Service', { env });
    const page = new Asset(service, 'Page', { path: 'site/index.html' });
    const site = new Asset(service, 'Site', { path: 'site' });
    new CfnParameter(service, 'Queue', { type: 'String', value: queue.queueName });
    new CfnOutput(service, 'Keys', { value: page.s3ObjectKey + ' ' + site.s3ObjectKey });
  }
});
`;
