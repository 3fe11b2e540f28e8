import { type Asked, Facts } from '../../src/doctor/facts.ts';

/**
 * What a real server tells, but for this: for figures and versions that cannot be had in a test. A refusal stands for what is
 * not given.
 *
 * @param before of INFO at the first look, over what the second has
 * @param now of INFO at the second
 */
export function alteredFacts(
  { endpoint, engine, version, now: told, seconds, configFile }: Facts,
  {
    before = {},
    now = {},
    ...rest
  }: Partial<Omit<Asked, 'before' | 'now'>> & {
    before?: Record<string, string>;
    now?: Record<string, string>;
  },
): Facts {
  const refusal = 'not asked in this test';
  return new Facts({
    endpoint,
    engine,
    version,
    before: new Map([...told, ...Object.entries(before)]),
    now: new Map([...told, ...Object.entries(now)]),
    seconds,
    configFile,
    settings: { refusal },
    clients: { refusal },
    subscribers: { refusal },
    ...rest,
  });
}
