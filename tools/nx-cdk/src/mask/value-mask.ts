import { MASK, redact } from '../progress/index.ts';
import { isFree, isObject, isSecretName } from './template-secrets.ts';

/** Texts that are written for people; they are shown, without what looks like a credential. */
const FOR_PEOPLE = /^(\w*Description|Comment|DisplayName)$/;

/** One word, as names, types, paths and patterns are: no text, no document, no script. */
const WORD = /^[^\s"'`\\]{0,256}$/;

/** An identifier that is no secret, although it looks random: an ARN, the hash of an asset. */
const IDENTIFIER = /^arn:aws[\w-]*:|^[0-9a-f]{64}(\.\w+)*$/;

/** What generated credentials look like: UUIDs, long hexadecimal numbers, long runs of mixed letters and digits. */
const RANDOM =
  /[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-fA-F]{32,}|(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*\d)[\w+/=-]{24,}/g;

/** A setting such as `Password=x`, in a connection string or a command. */
const SETTING = /([\w-]+)\s*=/g;

/** Of an address only the host is shown, except for AWS's own: the rest may be what lets somebody in. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/(?<host>[^/?#@]*)(?<rest>.*)$/i;
const OF_AWS = /\.amazonaws\.com(\.cn)?$/;

/** Where an asset is, in a place whose content may also stand in the template itself. */
const LOCATION = /^S3(Bucket|Key|ObjectVersion)$/;

/** Logical ids of CDK end with eight hexadecimal digits. */
const LOGICAL_ID = /^[A-Z][A-Za-z0-9]*[0-9A-F]{8}$/;

/**
 * Masks the values of one difference. Numbers, switches, references and single words are shown unless they are in a
 * place for secrets; everything else is hidden. Equal values get equal masks, so that a change stays visible.
 */
export class ValueMask {
  readonly #hiddenNames: readonly string[];
  readonly #masks = new Map<string, string>();

  /** @param hiddenNames members whose values are hidden, besides those whose names suggest a secret */
  constructor(hiddenNames: readonly string[] = []) {
    this.#hiddenNames = hiddenNames;
  }

  /**
   * @param name of the property, parameter or output; empty for one that does not count
   * @param secret whether it is in a place for secrets
   */
  mask(value: unknown, name: string, secret = false): unknown {
    const hide = secret || isSecretName(name) || isFree(name) || this.#hiddenNames.includes(name);
    if (value === undefined || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#item(item, hide));
    if (typeof value === 'object') {
      if (isReference(value)) return value;
      return mapValues(value, (inner, key) => this.mask(inner, key, hide && !LOCATION.test(key)));
    }
    if (hide) return this.hide(value);
    if (typeof value !== 'string') return value;
    const text = redact(value);
    if (!FOR_PEOPLE.test(name) && !isHarmless(text)) return this.hide(value);
    return text === value ? text : this.#distinct(value, text);
  }

  /** Shows only whether a value is the same as another one. */
  hide(value: unknown): string | undefined {
    return value === undefined ? undefined : this.#distinct(value, MASK);
  }

  /** What stands for a value: the text, with a number if it stands for another value already. */
  #distinct(value: unknown, text: string): string {
    const key = JSON.stringify(value);
    const known = this.#masks.get(key);
    if (known !== undefined) return known;
    const others = [...this.#masks.values()].filter((mask) => mask.startsWith(text)).length;
    const mask = others === 0 ? text : `${text} (${others + 1})`;
    this.#masks.set(key, mask);
    return mask;
  }

  /** A variable as ECS and CodeBuild have it, and a tag, are a name and a value: the name says what changes. */
  #item(item: unknown, hide: boolean): unknown {
    if (!isObject(item) || isReference(item)) return this.mask(item, '', hide);
    const name = Object.keys(item).find((key) => /^(name|key)$/i.test(key));
    return mapValues(item, (value, key) => {
      if (key === name) return this.mask(value, '');
      return this.mask(value, key, hide || (name !== undefined && /^value$/i.test(key)));
    });
  }
}

function isHarmless(text: string): boolean {
  if (IDENTIFIER.test(text)) return true;
  const { host = '', rest = '' } = ADDRESS.exec(text)?.groups ?? {};
  if (rest.replace(/^\/$/, '') !== '' && !(OF_AWS.test(host) && !/[?#@]/.test(rest))) return false;
  if ([...text.matchAll(SETTING)].some(([, name]) => isSecretName(name!))) return false;
  return WORD.test(text) && [...text.matchAll(RANDOM)].every(([run]) => LOGICAL_ID.test(run));
}

/** What refers to something else holds no secret of its own. */
function isReference(value: object): boolean {
  const [[name, target] = [], ...others] = Object.entries(value);
  if (others.length > 0) return false;
  if (name === 'Ref') return typeof target === 'string';
  return name === 'Fn::GetAtt' && [target].flat().every((part) => typeof part === 'string');
}

function mapValues(value: object, change: (inner: unknown, key: string) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]));
}
