import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tuneSchema } from '../../src/experiment/tune-file.ts';
import { startRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-tune-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const path = join(directory, 'short.yml');
writeFileSync(
  path,
  `duration: 500ms
cutoff: 300ms
cohorts:
  living: { sessions: 10, ttl: 1h }
  due: { sessions: 10, ttl: 100ms }
`,
);

test('a signal: what was measured is kept, and marked aborted; the server is as it was', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex', '--hz', '11']);
  const client = server.client();
  try {
    const url = `redis://127.0.0.1:${server.endpoint.port}`;
    const out = join(directory, 'aborted');
    const args = ['tune', path, '--goal', 'stale==0', '--over', 'hz=50', '--redis', url, '--allow-config'];
    const { child, said, ended } = startCli([...args, '--out', out]);
    await said(/run 3 of at most 20/);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    assert.is(code, 105);
    assert.match(stdout, /^ABORTED after 2 of at most 20 runs/);
    const { state, finding, runs } = tuneSchema.parse(JSON.parse(readFileSync(join(out, 'tune.json'), 'utf8')));
    assert.equal([state, finding, runs.length], ['aborted', null, 2]);
    assert.equal(await client.config('GET', 'hz'), ['hz', '11']);
    assert.is(await client.dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test.run();
