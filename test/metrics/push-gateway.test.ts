import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../src/result/schema.ts';
import { cli, directory, out, path } from '../cli/short.ts';
import { skipUnless } from '../skip.ts';
import { parseExposition, sampleValue } from '../support/exposition.ts';
import { onPath } from '../support/on-path.ts';
import { freePort } from '../support/redis.ts';

const gateway = onPath('prometheus-pushgateway', 'pushgateway');

skipUnless(
  test,
  gateway !== undefined,
  'no pushgateway is on PATH',
)('the end of a run is on the gateway', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // Debian's keeps what was pushed for the next one that is started.
  const args = [`--web.listen-address=127.0.0.1:${port}`, `--persistence.file=${join(directory, 'pushed.data')}`];
  const server = spawn(gateway!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    for await (const line of createInterface(server.stderr)) if (/Listening on|listen/i.test(line)) break;
    server.stderr.resume();
    const { code } = await cli('run', path, '--out', out('pushed'), '--push-gateway', url);
    assert.ok(code === 0 || code === 98, 'a busy machine may make a run invalid: it is pushed all the same');
    const { totals, cohorts, verdict } = JSON.parse(readFileSync(join(out('pushed'), 'result.json'), 'utf8')) as Result;
    const pushed = parseExposition(await (await fetch(`${url}/metrics`)).text()).filter(
      ({ labels }) => labels.job === 'ttlscope',
    );
    for (const [cohort, { attempted, outcomes }] of Object.entries(cohorts)) {
      assert.is(sampleValue(pushed, 'ttlscope_sessions_created_total', { cohort }), attempted);
      const { expired } = outcomes;
      assert.is(sampleValue(pushed, 'ttlscope_session_outcomes_total', { cohort, outcome: 'expired' }), expired);
    }
    assert.is(sampleValue(pushed, 'ttlscope_run_verdict', { state: verdict.state }), 1);
    assert.ok(totals.outcomes.expired > 0);
  } finally {
    server.kill();
    await once(server, 'exit');
  }
});

test.run();
