/** What tells that a path is as it was. `-` for what is not there, or must not be looked at. */
export function signatureOf(path: string): string;
