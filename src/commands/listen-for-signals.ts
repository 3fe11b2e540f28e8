import { EXIT } from './exit-codes.ts';

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal cuts off, reconciles and cleans up; the second leaves at once. */
export function listenForSignals(
  interrupt: AbortController,
  allowConfig: boolean,
  note: (line: string) => void,
): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) {
      const settings = allowConfig ? '; settings that were changed are put back by: ttlscope restore' : '';
      note(`${signal}: leaving without a result; keys that are left end by their TTL${settings}`);
      process.exit(EXIT.signal);
    }
    note(`${signal}: cutting off; once more to leave at once`);
    interrupt.abort(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
