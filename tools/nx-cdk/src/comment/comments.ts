/** A comment on a pull request. */
export interface Comment {
  readonly id: number;
  readonly body: string;
}

/** The comments of one pull request, wherever it is. */
export interface Comments {
  /** What people call it: `example/shop#12`. */
  readonly of: string;
  /** All comments, oldest first. */
  list(): AsyncIterable<Comment>;
  create(body: string): Promise<void>;
  update(id: number, body: string): Promise<void>;
}
