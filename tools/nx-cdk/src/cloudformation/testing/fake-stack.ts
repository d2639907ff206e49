/** A stack of the fake. */
export interface FakeStack {
  readonly id: string;
  readonly name: string;
  status: string;
  changeSetId?: string;
  updatedAt: number;
  template: string;
  tags: { Key?: string; Value?: string }[];
  terminationProtection: boolean;
  /** How the last operation was carried out. */
  deploymentConfig?: Input['DeploymentConfig'];
  rollbackConfiguration?: object;
  roleArn?: string;
  parentId?: string;
  /** What the running operation ends in, and when. */
  next?: { readonly at: number; readonly status: string };
  token?: string;
}

/** A change set of the fake. */
export interface FakeChangeSet {
  readonly id: string;
  readonly stack: FakeStack;
  readonly template: string;
  readonly empty: boolean;
  readonly deploymentConfig?: Input['DeploymentConfig'];
  readonly rollbackConfiguration?: object;
  executed: boolean;
}

/** The input of a command, as far as the fake reads it; each command has what it needs. */
export interface Input {
  readonly StackName: string;
  readonly ChangeSetName: string;
  readonly ChangeSetType: string;
  readonly TemplateBody?: string;
  readonly TemplateURL?: string;
  readonly ClientRequestToken: string;
  readonly EnableTerminationProtection: boolean;
  readonly RollbackConfiguration?: object;
  readonly DeploymentConfig?: { readonly Mode?: string; readonly DisableRollback?: boolean };
  readonly NextToken?: string;
  readonly ExportName?: string;
}

/** The outputs of a stack that are exported: key and name. */
export function exportsOf({ template }: FakeStack): (readonly [key: string, name: string])[] {
  // A template that somebody wrote by hand may be YAML.
  if (!template.startsWith('{')) return [];
  const { Outputs = {} } = JSON.parse(template) as { Outputs?: Record<string, { Export?: { Name: string } }> };
  return Object.entries(Outputs).flatMap(([key, { Export }]) => (Export ? [[key, Export.Name] as const] : []));
}

/** An error as the SDK throws it. */
export function error(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}
