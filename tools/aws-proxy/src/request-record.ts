/** What a request says about itself, before there is an answer. */
export interface RequestIdentity {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  /**
   * The service of the signature's credential scope, such as `cloudformation`, `s3`, `sts`, `ssm`; `unknown` if
   * nothing is signed.
   */
  readonly service: string;
  /**
   * As in an IAM policy, such as `DescribeStacks`. An S3 request is named after its method, its path and its
   * subresource.
   */
  readonly action: string;
  /** The region of the signature's credential scope. */
  readonly region?: string;
  /** Of a root key that is its account's id, and of each role session that was handed out through this proxy. */
  readonly account?: string;
  /** The name of the role whose session signed the request; absent for a root key. */
  readonly role?: string;
}

/** One request and what became of it. */
export interface RequestRecord extends RequestIdentity {
  /** When it arrived: milliseconds since 1970. */
  readonly time: number;
  /** From its arrival to the beginning of its answer, the added delay included. */
  readonly milliseconds: number;
  /** The HTTP status that the client got, or 0 if it got none: its connection was cut, or it hung up. */
  readonly status: number;
  /** Set if a fault was injected. */
  readonly fault?: string;
}
