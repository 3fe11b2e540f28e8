/** A run with --allow-config that is killed once its settings are in force. */
import { test } from 'uvu';
import { testKilledAt, wire } from './killed.ts';

/** Of a run's own: the names that ask for permissions have zeros. */
const OWN = String.raw`ttlscope:(?!0{8})\w+:`;
const SESSION = String.raw`${OWN}s\d+\r\n`;

testKilledAt([
  { phase: 'it prepares', at: new RegExp(`SUBSCRIBE.*${OWN}`), when: 'after', leaves: 'changes' },
  { phase: 'the fill', at: new RegExp(`SET\\r\\n\\$\\d+\\r\\n${SESSION}`), when: 'after', leaves: 'changes' },
  { phase: 'the measurement', at: /measure/, when: 'after', leaves: 'changes' },
  {
    phase: 'it reads what is left',
    at: new RegExp(`(PEXPIRETIME|PTTL)\\r\\n\\$\\d+\\r\\n${SESSION}`),
    when: 'before',
    leaves: 'changes',
  },
  {
    phase: 'it reads what is left',
    at: new RegExp(`(PEXPIRETIME|PTTL)\\r\\n\\$\\d+\\r\\n${SESSION}`),
    when: 'after',
    leaves: 'changes',
  },
  {
    phase: 'it deletes what is left',
    at: new RegExp(`DEL\\r\\n\\$\\d+\\r\\n${SESSION}`),
    when: 'after',
    leaves: 'changes',
  },
  {
    phase: 'the first setting is put back',
    at: wire('CONFIG', 'SET', 'notify-keyspace-events', ''),
    when: 'after',
    leaves: 'changes',
  },
  { phase: 'another is put back', at: wire('CONFIG', 'SET', 'maxmemory', '0'), when: 'before', leaves: 'changes' },
]);

test.run();
