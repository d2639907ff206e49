/** A resource as a template has it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}

/** As much of a template as a refactoring reads. */
export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
  readonly [section: string]: unknown;
}

interface TemplateOutput {
  readonly Value?: unknown;
  readonly Export?: { readonly Name?: unknown };
}

/** A stack that is deployed, or that the app has. */
export interface TemplateStack {
  readonly stackName: string;
  readonly template: Template;
}

/** Where a resource is, or is to be. */
export interface Location {
  readonly stackName: string;
  readonly logicalId: string;
}

/** A resource that changes its place, and nothing else. */
export interface Move {
  readonly from: Location;
  readonly to: Location;
  readonly resourceType: string;
}

/** `Shop-Data.Orders1A2B`, as the CDK CLI writes it. A logical id has no dot, and neither has a stack name. */
export function keyOf({ stackName, logicalId }: Location): string {
  return `${stackName}.${logicalId}`;
}

/** Nobody has made it, it differs with every set of constructs, and it never moves. */
export const METADATA = 'AWS::CDK::Metadata';

/** The path in the construct tree, or the logical id of a resource without one. */
export function nameOf({ Metadata }: TemplateResource, logicalId: string): string {
  const path = Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path : logicalId;
}
