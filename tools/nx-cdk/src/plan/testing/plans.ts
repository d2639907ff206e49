import { type Plan, PLAN_FORMAT, type PlannedChange, type PlannedDeletion, type PlannedStack } from '../model.ts';

/** A planned stack; what a test does not say has defaults. */
export function plannedStack(id: string, more: Partial<PlannedStack> = {}): PlannedStack {
  return {
    id,
    stackName: id.replaceAll('/', '-'),
    account: '111111111111',
    region: 'eu-west-1',
    outcome: 'update',
    reasons: ['template differs'],
    basis: null,
    desired: 'd'.repeat(32),
    changes: [],
    permissions: { widened: false, lines: [] },
    ...more,
  };
}

export function change(logicalId: string, more: Partial<PlannedChange> = {}): PlannedChange {
  return {
    action: 'Modify',
    logicalId,
    resourceType: 'AWS::SQS::Queue',
    replacement: 'never',
    properties: [],
    ...more,
  };
}

/** A stack that was left behind, with a table that is lost and a bucket that stays. */
export function plannedDeletion(stackName: string, more: Partial<PlannedDeletion> = {}): PlannedDeletion {
  return {
    stackName,
    account: '111111111111',
    region: 'eu-west-1',
    deployedAt: '2026-01-01T10:00:00Z',
    basis: {
      stackId: `arn:aws:cloudformation:eu-west-1:111111111111:stack/${stackName}/1`,
      status: 'CREATE_COMPLETE',
      updatedAt: '2026-01-01T10:00:01.000Z',
    },
    after: [],
    changes: [
      change('Orders', { action: 'Remove', resourceType: 'AWS::DynamoDB::Table', data: 'lost' }),
      change('Uploads', { action: 'Retain', resourceType: 'AWS::S3::Bucket', data: 'kept' }),
    ],
    ...more,
  };
}

export function planOf(...stacks: readonly PlannedStack[]): Plan {
  return { format: PLAN_FORMAT, project: 'infra', release: 'a'.repeat(64), stacks };
}

/** A plan with a stack of each kind. */
export const EXAMPLE = planOf(
  plannedStack('staging/Data', {
    changes: [
      change('Jobs', { action: 'Add' }),
      change('Orders', {
        resourceType: 'AWS::DynamoDB::Table',
        constructPath: 'staging/Data/Orders/Resource',
        replacement: 'always',
        properties: ['KeySchema'],
        data: 'lost',
      }),
      change('Uploads', { action: 'Remove', resourceType: 'AWS::S3::Bucket', data: 'kept' }),
    ],
  }),
  plannedStack('staging/Service', {
    outcome: 'create',
    reasons: [],
    changes: [change('Role', { action: 'Add', resourceType: 'AWS::IAM::Role' })],
    permissions: {
      widened: true,
      lines: [
        { widens: false, text: '- Allow sqs:ReceiveMessage on ${Queue.Arn} to ${Role}' },
        { widens: true, text: '+ Allow sqs:* on ${Queue.Arn} to ${Role}' },
      ],
    },
  }),
  plannedStack('prod/Data', { account: '222222222222', region: 'us-east-1', outcome: 'unchanged', reasons: [] }),
);
