import { quote } from './quote.ts';

export const handler = async (request: unknown) => quote(request);
