/** As much of a template as a hotswap reads. */
export interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export const FUNCTION = 'AWS::Lambda::Function';
export const STATE_MACHINE = 'AWS::StepFunctions::StateMachine';

export function parseTemplate(template: string): Template {
  return (JSON.parse(template) ?? {}) as Template;
}
