import { cases } from '@handlers/shipping-quote-contract';
import { quote } from './quote.ts';

test.each(cases)('the contract: $name', ({ request, response }) => {
  expect(quote(request)).toEqual({ ...response, handler: 'typescript' });
});
