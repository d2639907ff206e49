import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';

/** A statement of a policy, as a template has it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Principal?: unknown;
  readonly Condition?: object;
}

/** A policy. */
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: Statement[];
}

/** A role and everything it may do. */
export interface RoleFacts {
  readonly name: string;
  readonly trust: PolicyDocument;
  readonly inline: readonly PolicyDocument[];
  readonly managed: readonly PolicyDocument[];
}

/** An action of the pipeline. */
export interface ActionFacts {
  readonly Name: string;
  readonly RunOrder: number;
  readonly ActionTypeId: { readonly Category: string; readonly Owner: string; readonly Provider: string };
  readonly Configuration: Record<string, string>;
  readonly RoleArn?: string;
  readonly InputArtifacts?: readonly { readonly Name: string }[];
  readonly OutputArtifacts?: readonly { readonly Name: string }[];
}

/** A stage of the pipeline. */
export interface StageFacts {
  readonly Name: string;
  readonly Actions: readonly ActionFacts[];
  readonly BeforeEntry?: {
    readonly Conditions: readonly {
      readonly Result: string;
      readonly Rules: readonly { readonly Configuration: Record<string, string> }[];
    }[];
  };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a resource has depends on its type
type Resource = { readonly Type: string; readonly Properties: any };

/**
 * The template as it will be deployed, with a literal of full length in the place of everything that CloudFormation
 * fills in.
 */
export class LiteralTemplate {
  /** The bytes that are uploaded. */
  readonly text: string;
  readonly resources: Readonly<Record<string, Resource>>;

  constructor(stack: Stack) {
    const app = App.of(stack) as App;
    this.text = readFileSync(join(app.synth().directory, stack.templateFile), 'utf8');
    const { Resources } = JSON.parse(this.text) as { Resources: Record<string, Resource> };
    this.resources = literal(Resources, Resources) as Record<string, Resource>;
  }

  ofType(type: string): Resource['Properties'][] {
    return Object.values(this.resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties);
  }

  get stages(): readonly StageFacts[] {
    return this.ofType('AWS::CodePipeline::Pipeline')[0].Stages;
  }

  get roles(): RoleFacts[] {
    return this.ofType('AWS::IAM::Role').map((role) => ({
      name: role.RoleName,
      trust: role.AssumeRolePolicyDocument,
      inline: (role.Policies ?? []).map(({ PolicyDocument }: { PolicyDocument: PolicyDocument }) => PolicyDocument),
      managed: (role.ManagedPolicyArns ?? []).map(
        (arn: string) => this.resources[arn.split('/')[1]!]!.Properties.PolicyDocument,
      ),
    }));
  }

  /** @throws Error if there is none of this name */
  role(name: string): RoleFacts {
    const role = this.roles.find((candidate) => candidate.name === name);
    if (role === undefined) throw new Error(`There is no role ${name}.`);
    return role;
  }

  /** The commands of a step by the name of its project, phase by phase. */
  commands(project: string): string[] {
    const { Source } = this.ofType('AWS::CodeBuild::Project').find(({ Name }) => Name === project);
    const { phases } = JSON.parse(Source.BuildSpec) as { phases: Record<string, { commands: string[] }> };
    return Object.values(phases).flatMap(({ commands }) => commands);
  }
}

/** All statements of a role. */
export function statementsOf({ inline, managed }: RoleFacts): Statement[] {
  return [...inline, ...managed].flatMap(({ Statement }) => Statement);
}

/** Everything that statements of an action allow it on. */
export function resourcesOf(role: RoleFacts, action: string): string[] {
  return statementsOf(role)
    .filter(({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes(action))
    .flatMap(({ Resource }) => Resource);
}

/** The longest that a bucket's name may be. */
const BUCKET_NAME = 63;

function literal(value: unknown, resources: Record<string, Resource>): unknown {
  if (Array.isArray(value)) return value.map((item) => literal(item, resources));
  if (typeof value !== 'object' || value === null) return value;
  const [[key, inner] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0) {
    if (key === 'Ref') return reference(inner as string, resources);
    if (key === 'Fn::GetAtt') return attribute(inner as [string, string], resources);
    if (key === 'Fn::Join') {
      const [separator, parts] = inner as [string, unknown[]];
      return parts.map((part) => literal(part, resources)).join(separator);
    }
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, literal(item, resources)]));
}

function reference(id: string, resources: Record<string, Resource>): string {
  if (resources[id]?.Type === 'AWS::S3::Bucket') return id.toLowerCase().padEnd(BUCKET_NAME, 'x');
  if (resources[id]?.Type === 'AWS::IAM::ManagedPolicy') return `arn:aws:iam::123456789012:policy/${id}`;
  return id;
}

function attribute([id, name]: [string, string], resources: Record<string, Resource>): string {
  const { Type, Properties } = resources[id]!;
  switch (`${Type}.${name}`) {
    case 'AWS::S3::Bucket.Arn':
      return `arn:aws:s3:::${reference(id, resources)}`;
    case 'AWS::KMS::Key.Arn':
      return `arn:aws:kms:eu-west-1:123456789012:key/${id.padEnd(36, 'x').slice(0, 36)}`;
    case 'AWS::IAM::Role.Arn':
      return `arn:aws:iam::123456789012:role/${Properties.RoleName}`;
    default:
      return `${id}.${name}`;
  }
}
