/** An account and a region of the local AWS. */
export interface Place {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/** The account that the pipeline runs in, whose principals publish and deploy. */
export const CI: Place = { account: '123456789012', region: 'eu-west-1' };

export const STAGING: Place = { account: '111111111111', region: 'eu-west-1' };

export const PROD: Place = { account: '222222222222', region: 'us-east-1' };

/** An account that nobody trusts. */
export const STRANGER: Place = { account: '333333333333', region: 'eu-west-1' };

/**
 * What the suite writes as environments.json of its copies of the workspace, so that the suite also passes if the
 * checkout's file names somebody's own accounts.
 */
export const ENVIRONMENTS = {
  $schema: './libs/environments/environments.schema.json',
  ci: CI,
  pipeline: {
    images: true,
    source: {
      type: 'connection',
      repository: 'example/shop',
      branch: 'main',
      connection: 'arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000000',
    },
  },
  environments: [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', approval: true, targets: [PROD] },
  ],
};

/** Ids of the stacks of apps/infra, in the order in which they have to be deployed. */
export const STACKS = {
  stagingData: idOf('staging', 'Data', STAGING),
  stagingService: idOf('staging', 'Service', STAGING),
  prodData: idOf('prod', 'Data', PROD),
  prodService: idOf('prod', 'Service', PROD),
} as const;

/** Ids of the stacks of apps/quotes. */
export const QUOTES = { staging: idOf('staging', 'Quotes', STAGING), prod: idOf('prod', 'Quotes', PROD) } as const;

function idOf(environment: string, kind: string, { account, region }: Place): string {
  return `${environment}/${kind}-${account}-${region}`;
}
