export { type Connections, connect } from './http.ts';
export { callOf, observe } from './observe.ts';
export { type Admission, admissionOf, type NamedRole, type RoleKind, type WantedRole } from './admission.ts';
export type { AwsClients, EngineDependencies, Session } from './contract.ts';
export { explain, isAccessDenied, startingEndpoint } from './explain.ts';
export { createAws } from './create-aws.ts';
export { environmentForPrograms } from './programs.ts';
export {
  requireAdmitted,
  type ResolvedTarget,
  resolvePlaceholders,
  sessionFor,
  resolveTarget,
} from './placeholders.ts';
export { requireCaller } from './require-caller.ts';
