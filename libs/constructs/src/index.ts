export { acceptFinding } from './accept-finding.ts';
export { alarmOnFirst, AlarmTopic, type AlarmTopicProps } from './alarms.ts';
export { type HandlerAsset, leftOut, UnbuiltHandlerError } from './handler-asset.ts';
export { HandlerFunction, type HandlerFunctionProps } from './handler-function.ts';
export { QueueWithDeadLetters, type QueueWithDeadLettersProps } from './queue-with-dead-letters.ts';
export { READ_ONLY_ROLE_NAME, ReadOnlyRole, type ReadOnlyRoleProps } from './read-only-role.ts';
export { runApp } from './run-app.ts';
export * from './ci-access/index.ts';
export * from './pipeline/index.ts';
