import { dataFate } from './data-fate.ts';
import type { PlannedChange } from './model.ts';
import type { Template } from './template.ts';

/**
 * What the deletion of a stack does to each of its resources, by its template: one with the `DeletionPolicy` Retain
 * stays, without a stack
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html).
 */
export function removalsOf(template: Template): PlannedChange[] {
  return Object.entries(template.Resources ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([logicalId, resource]): PlannedChange => {
      const { Type: resourceType = '', DeletionPolicy: policy, Metadata } = resource;
      const path = Metadata?.['aws:cdk:path'];
      const data = dataFate({ action: 'Remove', logicalId, resourceType }, template, undefined);
      return {
        action: policy === 'Retain' || policy === 'RetainExceptOnCreate' ? 'Retain' : 'Remove',
        logicalId,
        resourceType,
        ...(typeof path === 'string' && { constructPath: path }),
        replacement: 'never',
        properties: [],
        ...(data && { data }),
      };
    });
}
