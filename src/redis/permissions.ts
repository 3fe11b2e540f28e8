import type { Socket } from 'node:net';
import { closeSocket } from './close-socket.ts';
import type { Endpoint } from './endpoint.ts';
import { encodeCommand, type Reply, ReplyError, ReplyParser } from './resp.ts';
import { openSocket } from './socket.ts';

/** Of the shape of a run's, and of no run. */
export const NO_RUN = 'ttlscope:00000000:';
const KEY = `${NO_RUN}s0`;
const CHANNEL = `${NO_RUN}fence`;

/** Every command of a run; `PEXPIRETIME` is done without where a server does not have it. */
const COMMANDS: readonly (readonly string[])[] = [
  ['SET', KEY, '', 'PXAT', '1'],
  ['GET', KEY],
  ['GETEX', KEY],
  ['DEL', KEY],
  ['EXISTS', KEY],
  ['EXPIRE', KEY, '1'],
  ['PEXPIRE', KEY, '1'],
  ['PTTL', KEY],
  ['PEXPIRETIME', KEY],
  ['TIME'],
  ['INFO'],
  ['PUBLISH', CHANNEL, '0'],
  ['SUBSCRIBE', CHANNEL],
];

const CONFIG_GET = ['CONFIG', 'GET', 'hz'];
const CONFIG_SET = ['CONFIG', 'SET', 'hz', '10'];

export interface Permissions {
  /** What the account lacks, as rules for ACL SETUSER: `+getex`, `~ttlscope:*`. As far as the server tells at once. */
  lacking: string[];
  /** Commands that the server does not know, or not by that name. */
  unknown: string[];
  /** What else it refuses, and how. A write refused for want of memory is not told of. */
  refused: { command: string; error: ReplyError }[];
  config: ConfigPermissions;
}

/** Why a server does not take these, in its own words; `null`: it does, as far as it tells at once. */
export interface ConfigPermissions {
  get: string | null;
  set: string | null;
}

/**
 * Asks whether a run may do what it does, without doing it: the commands are queued in a transaction that is never
 * executed, because a server checks permissions when it queues. That needs no permission of its own, unlike ACL DRYRUN,
 * and works since 6.0. The account is that of the endpoint.
 *
 * @param events names of the keyspace events to hear, such as `expired`
 * @param needed commands beside those of every run
 * @throws the socket's error, or the server's as a `ReplyError`
 */
export async function askPermissions(
  endpoint: Endpoint,
  events: readonly string[],
  needed: readonly (readonly string[])[] = [],
): Promise<Permissions> {
  const channels = events.map((event) => `__keyevent@${endpoint.db}__:${event}`);
  const commands = [...COMMANDS, ...needed, ...channels.map((channel) => ['SUBSCRIBE', channel])];
  const socket = await openSocket(endpoint);
  try {
    const [exec, multi] = await ask(socket, [['EXEC'], ['MULTI']]);
    const answers: [readonly string[], Reply][] = [
      [['EXEC'], isUntimelyExec(exec!) ? 'OK' : exec!],
      [['MULTI'], multi!],
    ];
    let config: ConfigPermissions = { get: null, set: null };
    if (multi === 'OK') {
      const [get, set, ...replies] = await ask(socket, [CONFIG_GET, CONFIG_SET, ...commands]);
      config = { get: wordsOf(get), set: wordsOf(set) };
      commands.forEach((command, i) => {
        answers.push([command, replies[i]!]);
      });
    }
    return { ...judge(answers, endpoint.db), config };
  } finally {
    await closeSocket(socket);
  }
}

/** EXEC is sent before there is a transaction: this is the answer to one who may send it. */
function isUntimelyExec(reply: Reply): boolean {
  return reply instanceof ReplyError && /without MULTI/.test(reply.message);
}

/** In a transaction a server out of memory refuses any command: CONFIG it takes outside of one. */
function wordsOf(reply: Reply | undefined): string | null {
  return reply instanceof ReplyError && reply.code !== 'OOM' ? reply.message : null;
}

function judge(answers: readonly [readonly string[], Reply][], db: number): Omit<Permissions, 'config'> {
  const lacking = new Set<string>();
  const unknown: string[] = [];
  const refused: Permissions['refused'] = [];
  for (const [command, reply] of answers) {
    if (!(reply instanceof ReplyError) || reply.code === 'OOM') continue;
    const name = command[0]!;
    if (/\bNOPERM\b/.test(reply.message)) lacking.add(ruleFor(command, reply.message, db));
    else if (/unknown (sub)?command/i.test(reply.message)) unknown.push(name);
    else refused.push({ command: name, error: reply });
  }
  return { lacking: [...lacking], unknown, refused };
}

/** Messages of 6.0 to 8.0: `…to run the 'get' command`, `…access one of the keys used as arguments`, `…a channel`. */
function ruleFor([name, argument]: readonly string[], message: string, db: number): string {
  if (/ to run the '/.test(message)) return `+${name!.toLowerCase()}`;
  if (!/channels?\b/.test(message)) return '~ttlscope:*';
  return argument?.startsWith(NO_RUN) ? '&ttlscope:*' : `&__keyevent@${db}__:*`;
}

function ask(socket: Socket, commands: readonly (readonly string[])[]): Promise<Reply[]> {
  return new Promise((resolve, reject) => {
    const replies: Reply[] = [];
    const parser = new ReplyParser((reply) => {
      replies.push(reply);
      if (replies.length < commands.length) return;
      socket.off('data', onData).off('error', reject).off('close', onClose);
      resolve(replies);
    });
    const onData = (chunk: Buffer): void => parser.push(chunk);
    const onClose = (): void => reject(new Error('the server closed the connection'));
    socket.on('data', onData).on('error', reject).on('close', onClose);
    socket.resume();
    socket.write(commands.map(encodeCommand).join(''));
  });
}
