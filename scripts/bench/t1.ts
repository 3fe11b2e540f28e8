import { execFileSync } from 'node:child_process';
import { parseEndpoint } from '../../src/redis/endpoint.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { startRig } from './rig.ts';

const N = Number(process.argv[2] ?? 1e6);
const endpoint = parseEndpoint('redis://127.0.0.1:7777');
for (let i = 0; i < 4; i++) {
  execFileSync('redis-cli', ['-p', '7777', 'flushall']);
  const rig = await startRig(
    endpoint,
    parseScenario({ duration: '10s', cohorts: { a: { sessions: N, ttl: '1h', payload: 200 } } }),
    600000,
  );
  const cpu = process.cpuUsage();
  const t = performance.now();
  await rig.load.fill(new AbortController().signal);
  await rig.settled();
  const ms = performance.now() - t;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    'fill',
    ((N / ms) * 1000).toFixed(0),
    '/s',
    ((user + system) / N).toFixed(3),
    'us/session',
    (user / N).toFixed(3),
    (system / N).toFixed(3),
    rig.ledger.present,
  );
  await rig.close();
}
process.exit(0);
