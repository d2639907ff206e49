// The last line of defence between a secret and a log: it keeps a mistake, an SDK's error text or a tool's debug output
// from becoming a leak. Secrets still do not belong in events.

/** Replaces a secret. */
export const MASK = '****';

const registered = new Set<{ readonly value: string }>();
let registeredPattern: RegExp | undefined;

/**
 * Makes `redact` mask this value wherever it appears, also URL-encoded or inside JSON. Ignores values shorter than 6
 * characters, which may be parts of words, and account ids (12 digits), which are no secrets.
 *
 * @returns a function that forgets the value again
 */
export function registerSecret(value: string): () => void {
  if (typeof value !== 'string' || value.trim().length < 6 || /^\d{12}$/.test(value)) return () => {};
  // An entry for each call: a value that was registered twice is masked until both are forgotten.
  const entry = { value };
  registered.add(entry);
  registeredPattern = undefined;
  return () => {
    registered.delete(entry);
    registeredPattern = undefined;
  };
}

/**
 * Masks what looks like an AWS credential, a signature or a presigned URL's parameter, and every value given to
 * `registerSecret`. Account ids, ARNs, hashes, image digests and logical ids stay readable.
 */
export function redact(text: string): string {
  let result = text;
  if (registered.size > 0) result = result.replace((registeredPattern ??= patternOfRegistered()), MASK);
  for (const [pattern, replacement] of NAMED) result = result.replace(pattern, replacement);
  return result
    .replace(SESSION_TOKEN, MASK)
    .replace(ACCESS_KEY_ID, (_all, prefix: string) => prefix + MASK)
    .replace(LONG_TOKEN, (token) => (looksRandom(token) ? MASK : token))
    .replace(SECRET_KEY, (token) => (looksRandom(token) && !isLogicalId(token) ? MASK : token));
}

// A value after a name ends at white space, a quote or a separator, whether it came as JSON, a header, an environment
// variable, a command line option or a query string.
const VALUE = String.raw`[^\s"'&,;<>\\}\])]+`;
const ASSIGN = String.raw`\\?["']?\s*(?:=|:|%3D)\s*\\?["']?`;

const NAMED: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(String.raw`((?:aws_?)?(?:secret_?access_?key|session_?token|security_?token)${ASSIGN})${VALUE}`, 'gi'),
    `$1${MASK}`,
  ],
  // A local AWS takes an account id for an access key id, and that is no secret.
  [new RegExp(String.raw`((?:aws_?)?access_?key_?id${ASSIGN})(?!\d{12}(?!\d))${VALUE}`, 'gi'), `$1${MASK}`],
  // Presigned URLs, signature version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  [new RegExp(String.raw`(X-Amz-(?:Security-Token|Signature|Credential)${ASSIGN})${VALUE}`, 'gi'), `$1${MASK}`],
  // The Authorization header of signature version 4, and `Signature=` of version 2 URLs.
  [new RegExp(String.raw`(\b(?:Signature|Credential)=)${VALUE}`, 'g'), `$1${MASK}`],
  // User and password in a URL.
  [/(\w:\/\/)[^\s/@:"']+:[^\s/@"']+@/g, `$1${MASK}@`],
  [/(\bAuthorization\\?["']?\s*[:=]\s*\\?["']?(?:Basic|Bearer)\s+)[^\s"'\\]+/gi, `$1${MASK}`],
];

// Only AKIA and ASIA are keys; AROA, AIDA and the like name roles and users:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
const ACCESS_KEY_ID = /(?<![A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{12,}(?![A-Za-z0-9])/g;
// How the session tokens of AWS STS begin (base64 of their header).
const SESSION_TOKEN = /(?<![A-Za-z0-9])(?:IQoJb3JpZ2lu|F[Qw]oGZXIvYXdz|FwoDYXdz|AQoDYXdz)[A-Za-z0-9+/=%_-]{8,}/g;
const LONG_TOKEN = /[A-Za-z0-9+/]{160,}={0,2}/g;
const SECRET_KEY = /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])/g;

/**
 * Random base64 jumps between lower case, upper case, digits and signs at about two of three places; names in camel
 * case, paths and hashes jump far less. 15 of 39 misses one random key in a few hundred and masks nearly no name.
 */
function looksRandom(token: string): boolean {
  const kinds = [...token].map((char) =>
    /[a-z]/.test(char) ? 'a' : /[A-Z]/.test(char) ? 'A' : /\d/.test(char) ? '0' : '/',
  );
  if (!kinds.includes('a') || !kinds.includes('A')) return false;
  const jumps = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  return jumps >= (token.length - 1) * (15 / 39);
}

/** CDK's logical ids end with 8 hexadecimal digits, and many are exactly as long as a secret access key. */
function isLogicalId(token: string): boolean {
  return /^[A-Z][A-Za-z0-9]*[0-9A-F]{8}$/.test(token);
}

function patternOfRegistered(): RegExp {
  const forms = [...registered].flatMap(({ value }) => [
    value,
    // A lone surrogate has no URL form.
    encodeURIComponent(value.toWellFormed()),
    JSON.stringify(value).slice(1, -1),
  ]);
  // The longest first, so that a secret that contains another one is masked whole.
  const alternatives = [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    // Digits only: not in the middle of a longer number, or a six-digit code would blot out account ids.
    .map((form) => (/^\d+$/.test(form) ? `(?<!\\d)${form}(?!\\d)` : form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')));
  return new RegExp(alternatives.join('|'), 'g');
}
