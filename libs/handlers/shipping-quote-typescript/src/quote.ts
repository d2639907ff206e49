/** How many pieces a parcel takes. */
const PARCEL = 10;

/** The answer to a request that can be answered, or what is wrong with it. */
export type Quote =
  | { readonly item: string; readonly quantity: number; readonly parcels: number; readonly handler: 'typescript' }
  | { readonly error: string; readonly handler: 'typescript' };

/** How many parcels an order needs. */
export function quote(request: unknown): Quote {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    return refusal('The request must be {"item": "...", "quantity": 1}.');
  }
  const { item, quantity } = request as { item?: unknown; quantity?: unknown };
  // Not `trim`: every language has its own idea of which characters are blank.
  if (typeof item !== 'string' || /^[ \t\r\n]*$/.test(item)) return refusal('"item" must be a text.');
  if (typeof quantity !== 'number' || !Number.isSafeInteger(quantity) || quantity < 1) {
    return refusal(`"quantity" must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`);
  }
  return { item, quantity, parcels: Math.ceil(quantity / PARCEL), handler: 'typescript' };
}

function refusal(error: string): Quote {
  return { error, handler: 'typescript' };
}
