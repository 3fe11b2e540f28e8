/** A run with --allow-config that is killed before its load begins. */
import { test } from 'uvu';
import { testKilledAt, wire } from './killed.ts';

testKilledAt([
  { phase: 'it connects', at: wire('PING'), when: 'before', leaves: 'nothing' },
  { phase: 'its check', at: wire('CONFIG', 'GET', 'hz'), when: 'after', leaves: 'nothing' },
  { phase: 'the first change', at: wire('CONFIG', 'SET', 'hz', '700'), when: 'before', leaves: 'a journal' },
  { phase: 'a change that is not read back', at: wire('CONFIG', 'SET', 'hz', '700'), when: 'after', leaves: 'changes' },
  {
    phase: 'another that is not read back',
    at: wire('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 0 0 0'),
    when: 'after',
    leaves: 'changes',
  },
  {
    phase: 'the last change',
    at: wire('CONFIG', 'SET', 'notify-keyspace-events', 'Exe'),
    when: 'after',
    leaves: 'changes',
  },
]);

test.run();
