import { urlSuffixOf } from '@nx-cdk/environments';
import type { ResolvedTarget } from '../aws/index.ts';
import type { Resource, Template } from './resources.ts';

/** What the expressions of a template are about: a stack that is deployed. */
export interface Surroundings {
  readonly target: ResolvedTarget;
  readonly stackName: string;
  readonly template: Template;
  /** Physical ids of its resources, by logical id. */
  readonly names: ReadonlyMap<string, string>;
}

/** Something that only CloudFormation knows. */
class Unknown extends Error {}

/**
 * The value of an expression, as far as it follows from the names of the resources of its stack.
 *
 * @returns undefined if only CloudFormation knows it
 */
export function evaluate(expression: unknown, around: Surroundings): unknown {
  try {
    return valueOf(expression, around);
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

function valueOf(expression: unknown, around: Surroundings): unknown {
  if (typeof expression === 'string') return known(expression);
  if (expression === null || typeof expression !== 'object') return expression;
  if (Array.isArray(expression)) return expression.map((one) => valueOf(one, around));
  const [[name, argument] = ['', undefined], ...others] = Object.entries(expression as Record<string, unknown>);
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return callOf(name, argument, around);
  return Object.fromEntries(
    Object.entries(expression as object).map(([key, value]) => [key, valueOf(value, around)] as const),
  );
}

function callOf(name: string, argument: unknown, around: Surroundings): unknown {
  if (name === 'Ref') return referenceOf(textOf(argument), around);
  if (name === 'Fn::GetAtt') {
    const [id, ...attribute] = typeof argument === 'string' ? argument.split('.') : (argument as unknown[]);
    return attributeOf(textOf(id), attribute.map(textOf).join('.'), around);
  }
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [unknown, unknown];
    return known(listOf(valueOf(parts, around)).map(textOf).join(textOf(separator)));
  }
  if (name === 'Fn::Sub') return substituted(argument, around);
  throw new Unknown(name);
}

function substituted(argument: unknown, around: Surroundings): string {
  const [text, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [unknown, Record<string, unknown>];
  const filled = textOf(text).replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(own, name)) return textOf(valueOf(own[name], around));
    const [id = '', ...attribute] = name.split('.');
    return attribute.length === 0 ? referenceOf(id, around) : attributeOf(id, attribute.join('.'), around);
  });
  return known(filled);
}

function referenceOf(id: string, { target, stackName, names }: Surroundings): string {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': target.account,
    'AWS::Region': target.region,
    'AWS::Partition': target.partition,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': urlSuffixOf(target.partition),
  };
  const found = Object.hasOwn(pseudo, id) ? pseudo[id] : names.get(id);
  if (found === undefined) throw new Unknown(id);
  return found;
}

type Arn = (name: string, around: ResolvedTarget, resource: Resource) => string | undefined;

const here =
  (service: string, prefix = ''): Arn =>
  (name, { partition, region, account }) =>
    `arn:${partition}:${service}:${region}:${account}:${prefix}${name}`;
const itself: Arn = (name) => name;
const lastPart: Arn = (name) => name.split('/').at(-1)!;

/** Attributes that follow from the name of a resource, by type (reference of the resource types of CloudFormation). */
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, Arn>>>> = {
  'AWS::DynamoDB::Table': { Arn: here('dynamodb', 'table/') },
  'AWS::ECS::Cluster': { Arn: here('ecs', 'cluster/') },
  'AWS::Events::EventBus': { Arn: here('events', 'event-bus/'), Name: itself },
  'AWS::IAM::Role': {
    // Its path is a part of its ARN, and not of its name.
    Arn: (name, { partition, account }, { Properties }) =>
      Properties?.['Path'] === undefined ? `arn:${partition}:iam::${account}:role/${name}` : undefined,
  },
  'AWS::Kinesis::Stream': { Arn: here('kinesis', 'stream/') },
  'AWS::Lambda::Function': { Arn: here('lambda', 'function:') },
  'AWS::S3::Bucket': { Arn: (name, { partition }) => `arn:${partition}:s3:::${name}` },
  'AWS::SNS::Topic': { TopicArn: itself, TopicName: (arn) => arn.split(':').at(-1) },
  'AWS::SQS::Queue': {
    Arn: (url, target, resource) => here('sqs')(url.split('/').at(-1)!, target, resource),
    QueueName: lastPart,
    QueueUrl: itself,
  },
  'AWS::StepFunctions::StateMachine': { Arn: itself, Name: (arn) => arn.split(':').at(-1) },
};

function attributeOf(id: string, attribute: string, { target, template, names }: Surroundings): string {
  const resource = template.Resources?.[id];
  const name = names.get(id);
  const rule = ATTRIBUTES[resource?.Type ?? '']?.[attribute];
  const found = rule && name && rule(name, target, resource!);
  if (!found) throw new Unknown(`${id}.${attribute}`);
  return found;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Unknown('no text');
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Unknown('no list');
}

/** Secrets and parameters are looked up by CloudFormation. */
function known(text: string): string {
  if (text.includes('{{resolve:')) throw new Unknown('dynamic reference');
  return text;
}
