/** Folders of packages, of what was built, and of environments of Python. */
const MADE = /(^|\/)(node_modules|cdk\.out|\.aws-sam|dist|target|\.venv|venv|site-packages)\//;

/** Folders of what generators write: those of Nx and of Angular, and names with a place to fill in. */
const TEMPLATE = /(^|\/)(generators|schematics|blueprints)\/(.+\/)?(files|templates)\/|__\w+__|\{\{|<%/;

/** Whether a file is one of somebody's own project, and not part of a package, a build or a template. */
export function isSource(file: string): boolean {
  return !MADE.test(file) && !TEMPLATE.test(file);
}
