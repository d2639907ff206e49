export { acceptFinding } from './accept-finding.ts';
export { AlarmTopic, type AlarmTopicProps } from './alarm-topic.ts';
export { type HandlerAsset, UnbuiltHandlerError } from './handler-asset.ts';
export { HandlerFunction, type HandlerFunctionProps } from './handler-function.ts';
export { QueueWithDeadLetters, type QueueWithDeadLettersProps } from './queue-with-dead-letters.ts';
export * from './ci-access/index.ts';
export * from './pipeline/index.ts';
