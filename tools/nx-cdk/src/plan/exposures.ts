import type { ResourceChange } from '../cloudformation/index.ts';
import type { Template, TemplateResource } from './template.ts';

type Properties = Readonly<Record<string, unknown>>;

/** A way in for everybody. */
interface WayIn {
  /** The property that opens it. */
  readonly property: string;
  readonly text: string;
  /** Whether it is open, also if only CloudFormation knows the value. */
  readonly isOpen: (properties: Properties) => boolean;
}

/** Whether a value is on, or may be: a parameter decides. */
function mayBeOn(value: unknown): boolean {
  return value !== undefined && value !== false && value !== 'false';
}

function flag(property: string, text: string): WayIn {
  return { property, text, isOpen: (properties) => mayBeOn(properties[property]) };
}

const PUBLICLY_ACCESSIBLE = flag('PubliclyAccessible', 'it has an address that can be reached from the internet');

/** A bucket and an access point block public access by default; what is written replaces all of that. */
const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'].map(
  (name): WayIn => ({
    property: 'PublicAccessBlockConfiguration',
    text: 'it does not block public access',
    isOpen: ({ PublicAccessBlockConfiguration: block }) => {
      if (block === undefined) return false;
      const setting = typeof block === 'object' && block !== null ? (block as Properties)[name] : undefined;
      return setting !== true && setting !== 'true';
    },
  }),
);

const FACING: WayIn = {
  property: 'Scheme',
  text: 'it faces the internet',
  // Also if nothing is written, by default.
  isOpen: ({ Scheme: scheme, Type: type }) => scheme !== 'internal' && type !== 'gateway',
};

/** By type of resource, besides what policies and security groups say. */
const WAYS_IN: Readonly<Record<string, readonly WayIn[]>> = {
  'AWS::DMS::ReplicationInstance': [PUBLICLY_ACCESSIBLE],
  'AWS::DocDB::DBInstance': [PUBLICLY_ACCESSIBLE],
  'AWS::ECR::PublicRepository': [
    { property: 'RepositoryName', text: 'everybody can pull from it', isOpen: () => true },
  ],
  'AWS::EKS::Cluster': [
    {
      property: 'ResourcesVpcConfig',
      text: 'its endpoint can be reached from the internet',
      isOpen: ({ ResourcesVpcConfig: network }) => {
        const { EndpointPublicAccess: access = true } = (network ?? {}) as { EndpointPublicAccess?: unknown };
        return mayBeOn(access);
      },
    },
  ],
  'AWS::ElasticLoadBalancing::LoadBalancer': [FACING],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': [FACING],
  'AWS::Lambda::Url': [
    {
      property: 'AuthType',
      text: 'its function URL asks for no sign-in',
      isOpen: ({ AuthType: type }) => type !== 'AWS_IAM',
    },
  ],
  'AWS::Neptune::DBInstance': [PUBLICLY_ACCESSIBLE],
  'AWS::RDS::DBCluster': [PUBLICLY_ACCESSIBLE],
  'AWS::RDS::DBInstance': [PUBLICLY_ACCESSIBLE],
  'AWS::Redshift::Cluster': [PUBLICLY_ACCESSIBLE],
  'AWS::RedshiftServerless::Workgroup': [PUBLICLY_ACCESSIBLE],
  'AWS::S3::AccessPoint': BLOCKS,
  'AWS::S3::Bucket': [
    ...BLOCKS,
    {
      property: 'AccessControl',
      text: 'its access control list lets everybody in',
      isOpen: ({ AccessControl: list }) =>
        list !== undefined &&
        (typeof list !== 'string' || /^(PublicRead|PublicReadWrite|AuthenticatedRead)$/.test(list)),
    },
  ],
};

/** A way in that opens: the logical id of the resource, and what it is. */
export interface Opened {
  readonly logicalId: string;
  readonly text: string;
}

/**
 * What becomes reachable for everybody by another template, or by other values. Not by policies, permissions of
 * functions and security groups: see `comparePermissions`.
 *
 * @param before the deployed template; undefined for a new stack, or if it cannot be read
 * @param resources what the change set says
 */
export function openedWays(
  before: Template | undefined,
  after: Template,
  resources: readonly ResourceChange[],
): Opened[] {
  return Object.entries(after.Resources ?? {}).flatMap(([logicalId, resource]) => {
    const old = before?.Resources?.[logicalId];
    const changed = resources.find((one) => one.logicalId === logicalId);
    return openedIn(old, resource, changed).map((text) => ({ logicalId, text }));
  });
}

function openedIn(
  old: TemplateResource | undefined,
  { Type: type = '', Properties: properties = {} }: TemplateResource,
  changed: ResourceChange | undefined,
): string[] {
  const ways = Object.hasOwn(WAYS_IN, type) ? WAYS_IN[type]! : [];
  const before = old?.Type === type ? (old.Properties ?? {}) : undefined;
  const opened = ways.filter((way) => {
    if (!way.isOpen(properties)) return false;
    if (before === undefined || !way.isOpen(before)) return true;
    // Open before and after, by the templates; a parameter or a condition may make it so only now.
    const moves = changed?.properties?.some(({ path, by }) => path.split('.')[0] === way.property && by !== 'template');
    return changed?.action === 'Add' || moves === true;
  });
  const texts = opened.map(({ text }) => text);
  const [block] = BLOCKS as [WayIn];
  // What CloudFormation takes away is off, not as it was by default.
  if (ways.includes(block) && block.property in (before ?? {}) && !(block.property in properties)) {
    texts.push(`${block.text} any more`);
  }
  return [...new Set(texts)];
}
