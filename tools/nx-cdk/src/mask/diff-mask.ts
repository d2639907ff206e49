import { MASK, redact } from '../progress/index.ts';
import { holdsVariables, isSecretName } from './secret-names.ts';

/** What `nx diff` puts before each line of a stack's differences; nothing else that it writes is indented so far. */
const INDENT = '    ';
/** `├─ ` or `└─ ` after what the tree drew before it, and what hangs there. */
const BRANCH = /^([\s│]*)[├└]─ (.*)$/;
/**
 * An updated, added or removed property: `[~] .Variables:`, `[~] Handler (requires replacement)`, `[+] Added: .TOKEN`.
 */
const PROPERTY = /^(?:\[~\]|\[\+\] Added:|\[-\] Removed:) \.?([^\s:]+):?(?: \(.*\))?$/;
/** An old or new value. */
const VALUE = /^\[[-+]\] (?!Added: |Removed: )/;
/** A parameter, an output and the like, with all that it says on one line. */
const ENTRY = /^(\[[-+~]\] (Parameter|Metadata|Mapping|Condition|Output|Unknown) (?:.* )?(\S+): )(.*)$/;
/** Where something else begins: a resource, or the title of a section. */
const HEADING =
  /^\[[-+~←?]\] [\w@]+::|^(Template|Parameters|Metadata|Mappings|Conditions|Resources|Outputs|Other Changes)$|^(IAM|Security Group) .*Changes$/;
/** A text in JSON, with its name. */
const MEMBER = /("((?:[^"\\]|\\.)*)"\s*:\s*)"(?:[^"\\]|\\.)*"/g;
/** A text in JSON, or a name with its colon. */
const TEXT = /"(?:[^"\\]|\\.)*"(\s*:)?/g;
/** User and password in a URL. */
const USER_INFO = /(\w:\/\/)[^\s/@:"']+:[^\s/@"']+@/g;

/**
 * Takes secrets out of what `nx diff` writes, line by line. Hidden whatever they look like: values of a program's
 * variables, defaults of parameters, and whatever is called a password, secret, token or key. Their names stay, so that
 * a reviewer sees what changes. Everything else goes through `redact`.
 *
 * It follows the layout of
 * https://github.com/aws/aws-cdk-cli/blob/main/packages/@aws-cdk/cloudformation-diff/lib/format.ts.
 */
export class DiffMask {
  /** Properties that lead to the current line, with the column of each. */
  #path: { readonly column: number; readonly name: string }[] = [];
  /** Whether a value was hidden and lines of it may follow: a text may have several. */
  #hiding = false;

  /** @returns the line without secrets; undefined where nothing of it may be shown */
  line(text: string): string | undefined {
    if (!text.startsWith(INDENT)) {
      this.#begin();
      return masked(text);
    }
    const line = this.#difference(text.slice(INDENT.length));
    return line === undefined ? undefined : `${INDENT}${masked(line)}`;
  }

  #difference(text: string): string | undefined {
    const [, before = '', change = ''] = BRANCH.exec(text) ?? [];
    if (change !== '') return this.#change(text, before.length, change);
    const entry = ENTRY.exec(text);
    if (entry !== null || HEADING.test(text)) this.#begin();
    if (this.#hiding) return undefined;
    return entry === null ? this.#json(text) : `${entry[1]}${entryValue(entry[2]!, entry[3]!, entry[4]!)}`;
  }

  #change(text: string, column: number, change: string): string {
    this.#path = this.#path.filter((property) => property.column < column);
    this.#hiding = false;
    const name = PROPERTY.exec(change)?.[1];
    if (name !== undefined) {
      this.#path.push({ column, name });
      return text;
    }
    if (!VALUE.test(change) || !this.#isSecret()) return this.#json(text);
    this.#hiding = true;
    return `${text.slice(0, text.length - change.length)}${change.slice(0, 4)}${MASK}`;
  }

  #begin(): void {
    this.#path = [];
    this.#hiding = false;
  }

  #isSecret(): boolean {
    return this.#path.some(({ name }) => isSecretName(name) || holdsVariables(name));
  }

  /** `Value` is that of a variable where a list of such is shown, whose name is on another line. */
  #json(text: string): string {
    if (this.#isSecret()) return maskTexts(text);
    return maskMembers(text, (name) => isSecretName(name) || /^value$/i.test(name));
  }
}

function entryValue(kind: string, name: string, json: string): string {
  if (isSecretName(name) && kind !== 'Parameter') return maskTexts(json);
  // Where CDK's bootstrap stack keeps its version is known to everybody.
  const isDefault = (member: string) => kind === 'Parameter' && name !== 'BootstrapVersion' && member === 'Default';
  return maskMembers(json, (member) => isSecretName(member) || isDefault(member));
}

function maskTexts(json: string): string {
  return json.replace(TEXT, (all, colon: string | undefined) => (colon === undefined ? `"${MASK}"` : all));
}

function maskMembers(json: string, isSecret: (name: string) => boolean): string {
  return json.replace(MEMBER, (all, start: string, name: string) => (isSecret(name) ? `${start}"${MASK}"` : all));
}

function masked(text: string): string {
  return redact(text.replace(USER_INFO, `$1${MASK}@`));
}
