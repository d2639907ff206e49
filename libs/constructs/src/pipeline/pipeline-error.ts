/** A pipeline cannot be made as it is described; the message says in one sentence what to change. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
}
