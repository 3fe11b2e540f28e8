/** Error replies of every kind, by stores of every kind: the session is refused, the code is told, the sums hold. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/ledger/ledger.ts';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { planScenario } from '../../src/load/plan.ts';
import { WriteLane } from '../../src/load/write-lane.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { STORE_NAMES } from '../../src/scenario/store.ts';
import { answering, startScripted } from '../redis/scripted-server.ts';

const ERRORS = [
  "OOM command not allowed when used memory > 'maxmemory'.",
  "READONLY You can't write against a read only replica.",
  'MOVED 3999 127.0.0.1:6381',
  "NOPERM User x has no permissions to run the 'set' command",
  'LOADING Redis is loading the dataset in memory',
  'BUSY Redis is busy running a script.',
  'ERR unknown',
];
const WRITES = [
  'SET',
  'SETEX',
  'HSET',
  'HMSET',
  'APPEND',
  'EXPIRE',
  'PEXPIRE',
  'PEXPIREAT',
  'HPEXPIREAT',
  'ZADD',
  'SADD',
];
const clock = { epochMs: 1_700_000_000_000, errorMs: 0, nowMs: () => 10, fromMono: () => 11 };

for (const error of ERRORS) {
  const code = error.split(' ', 1)[0]!;
  test(`${code}: refused, and nothing else`, async () => {
    const answers = Object.fromEntries(WRITES.map((name) => [name, `-${error}\r\n`]));
    const rest = { GET: '$-1\r\n', PUBLISH: ':0\r\n', PEXPIRETIME: `-${error}\r\n`, HPEXPIRETIME: `-${error}\r\n` };
    for (const store of STORE_NAMES) {
      const aborted = { ...answers, EXEC: '-EXECABORT Transaction discarded because of previous errors.\r\n' };
      const server = await startScripted(answering({ ...rest, ...answers }, { ...rest, ...aborted }));
      const lane = await WriteLane.open(server.endpoint, () => {});
      const scenario = parseScenario({
        duration: '1s',
        cohorts: { a: { sessions: 20, ttl: '1h', payload: 10, store } },
      });
      const plan = planScenario(scenario);
      const ledger = new Ledger(plan.sessions, 1, { tellsNew: false, dropsPast: false, leastLagMs: 1 }, 100_000);
      const segment = { index: 1, of: 1 };
      const options = { scenario, plan, segment, ledger, lane, clock, prefix: 'p:', canPexpiretime: true, startMs: 0 };
      const load = new OpenLoop({ ...options, beat: () => {} });
      await load.fill(new AbortController().signal);
      ledger.fence(lane.sent);
      assert.is(ledger.tallies[0]!.outcomes.refused, 20, store);
      assert.equal(ledger.brokenCohorts(), []);
      assert.ok(load.sender.errors.get(code)! >= 20, `${store}: ${JSON.stringify([...load.sender.errors])}`);
      assert.is(load.created + load.sender.unanswered, 0);
      const before = load.sender.errors.get(code)!;
      load.ask(0);
      await lane.drained(1);
      assert.is(load.sender.errors.get(code), before + 1, 'of the question after the cut-off too');
      lane.close();
      server.stop();
    }
  });
}

test.run();
