/**
 * Tells why an image would be left out: an input of the cache, so that what was left out on one machine is made on the
 * next.
 */
import { imageObstacle } from './image-obstacle.ts';

console.log((await imageObstacle(process.env)) ?? 'images are built');
