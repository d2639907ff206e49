/** What an app and the tools that read its assembly are made of. */
export interface Versions {
  readonly 'aws-cdk-lib': string;
  /** Of the toolkit, and the schema that it reads by. @default - those of this workspace */
  readonly toolkit?: { readonly '@aws-cdk/toolkit-lib': string; readonly '@aws-cdk/cloud-assembly-schema': string };
  /** Whether CDK checks the templates, whose report the toolkit reads. @default false: it takes ten seconds */
  readonly validated?: boolean;
}

/** The oldest `aws-cdk-lib` that nx-cdk works with: the lower end of the range in its `peerDependencies`. */
export const OLDEST = '2.0.0';

/** The newest `aws-cdk-lib` of the day, whose assemblies have the schema 55. */
export const NEWEST = '2.276.0';

/** The last toolkit that knows the schema up to 54: for it, the assembly of the newest library is too new. */
const OLDER_TOOLKIT = { '@aws-cdk/toolkit-lib': '1.40.1', '@aws-cdk/cloud-assembly-schema': '54.26.0' };

/** By what a test says of them. The toolkit of this workspace is the newest of the day. */
export const MATRIX: Readonly<Record<string, Versions>> = {
  'the oldest library of the range': { 'aws-cdk-lib': OLDEST },
  'the newest library': { 'aws-cdk-lib': NEWEST },
  'a library whose schema is newer than that of the toolkit': {
    'aws-cdk-lib': NEWEST,
    toolkit: OLDER_TOOLKIT,
    validated: true,
  },
};
