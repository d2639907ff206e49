/** What a drawing of an app shows. Plain data. */
export interface Architecture {
  /** In the order of the assembly. */
  readonly stacks: readonly DrawnStack[];
  readonly links: readonly Link[];
  /** Values that stacks import, and no stack of the app exports where they are looked for. */
  readonly outside: readonly { readonly stack: string; readonly name: string }[];
}

export interface DrawnStack {
  /** Path in the construct tree. */
  readonly id: string;
  readonly stackName: string;
  /** 12 digits, or `unknown-account`. */
  readonly account: string;
  /** `eu-west-1`, or `unknown-region`. */
  readonly region: string;
  /** The environment, or else the stage, that holds it. @default - none does */
  readonly environment?: string;
  /** Its resources by type, those that it has most of first; the metadata of CDK is none. */
  readonly kinds: readonly Kind[];
}

/** Resources of one type. */
export interface Kind {
  /** `AWS::SQS::Queue` */
  readonly type: string;
  readonly count: number;
}

/** That a stack needs another one. */
export interface Link {
  /** Id of the stack that needs the other. */
  readonly from: string;
  /** Id of the stack that is needed. */
  readonly to: string;
  /** Names of the values that it imports. @default - the assembly says that one waits for the other, no more */
  readonly imports: readonly string[];
  /** What lies between the two: another account, another region, or both. */
  readonly across: readonly ('account' | 'region')[];
}

/** What a deployment has made of a stack. */
export type Change = 'created' | 'updated';
