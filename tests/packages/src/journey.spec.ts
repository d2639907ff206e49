import { FIRST, titleOf } from './cells.ts';
import { travel } from './journeys/index.ts';

test(titleOf(FIRST), () => travel(FIRST));
