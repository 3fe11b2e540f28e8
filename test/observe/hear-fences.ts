/**
 * Hears fences from the server of the URL given, until `last`, the second argument, and prints how many it heard and
 * whether they came in order; or why it could not.
 */
import { parseEndpoint } from '../../src/redis/endpoint.ts';
import { endsWith, listen } from './listener.ts';

const [url, last] = process.argv.slice(2);
try {
  const { observer, told, until } = await listen([parseEndpoint(url!)], ['expired']);
  console.log('listening');
  await until(endsWith(`0 fence fence ${last}`));
  await observer.stop();
  const inOrder = told.every((text, i) => text === `0 fence fence ${i + 1}`);
  console.log(`heard ${told.length} ${inOrder ? 'in order' : 'out of order'}`);
} catch (error) {
  console.log((error as Error).message);
}
