import { execFileSync } from 'node:child_process';
import { parseEndpoint } from '../../src/redis/endpoint.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { startRig } from './rig.ts';

const N = Number(process.argv[2] ?? 1e6);
const mode = process.argv[3] ?? 'fill';
const endpoint = parseEndpoint('redis://127.0.0.1:7777');
for (let i = 0; i < 4; i++) {
  execFileSync('redis-cli', ['-p', '7777', 'flushall']);
  const out = execFileSync(
    'bash',
    [
      '-c',
      `TIMEFORMAT='%U %S'; time redis-benchmark -p 7777 -P 64 -c 8 -n ${N} -r 2000000000 --csv SET ttlscope:bench__rand_int__ ${'x'.repeat(200)} PX 3600000 2>&1`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' },
  );
  const rps = Number(/PX 3600000","([0-9.]+)"/.exec(out)![1]);
  execFileSync('redis-cli', ['-p', '7777', 'flushall']);
  const cohorts =
    mode === 'fill'
      ? { a: { sessions: N, ttl: '1h', payload: 200 } }
      : { a: { arrivals: `${N}/s`, ttl: '1h', payload: 200 } };
  const rig = await startRig(endpoint, parseScenario({ duration: '1s', cohorts }), mode === 'fill' ? 600000 : 10);
  const cpu = process.cpuUsage();
  const t = performance.now();
  if (mode === 'fill') await rig.load.fill(new AbortController().signal);
  else await rig.load.run(new AbortController().signal);
  await rig.settled();
  const ms = performance.now() - t;
  const { user, system } = process.cpuUsage(cpu);
  const n = rig.load.created;
  console.log(
    mode,
    ((n / ms) * 1000).toFixed(0),
    '/s',
    'rb',
    rps,
    'ratio',
    (((n / ms) * 1000) / rps).toFixed(2),
    ((user + system) / n).toFixed(3),
    'us/session',
    (user / n).toFixed(3),
    (system / n).toFixed(3),
    n,
  );
  await rig.close();
}
process.exit(0);
