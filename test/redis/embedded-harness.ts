/**
 * A harness of its own for tests that kill one: starts a server, prints `{ pid, directory }`, then stays until it is
 * killed. On SIGINT it prints the pid that the server answers with, or why it does not answer.
 */
import { connect } from '../../src/redis/connect.ts';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { parseInfo } from '../../src/redis/info.ts';

const { endpoint, pid, directory } = await startEmbeddedServer();
process.on('SIGINT', async () => {
  try {
    const redis = await connect(endpoint, { name: 'ttlscope-test' });
    console.log(parseInfo(await redis.info('server')).get('process_id'));
    redis.disconnect();
  } catch (error) {
    console.log(String(error));
  }
});
setInterval(() => {}, 60_000);
console.log(JSON.stringify({ pid, directory }));
