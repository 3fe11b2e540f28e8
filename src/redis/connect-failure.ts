import { type Endpoint, printEndpoint } from './endpoint.ts';
import { printAdminCli, printRedisCli } from './redis-cli.ts';
import { ReplyError } from './resp.ts';
import { ServerUnusable } from './server-unusable.ts';

/** What a failed connection, or a refused command, means, and what to do about it; never with the password in it. */
export function explainFailure(error: unknown, endpoint: Endpoint): ServerUnusable {
  if (error instanceof ServerUnusable) return error;
  const failure = asOurs(error instanceof Error ? error : new Error(String(error)));
  const [cause, remedy] =
    failure instanceof ReplyError ? explainReply(failure, endpoint) : explainSocket(failure, endpoint);
  return new ServerUnusable(`${printEndpoint(endpoint)}: ${withoutPassword(cause, endpoint)}`, remedy);
}

/** ioredis has a class of its own for what a server replies. */
function asOurs(error: Error): Error {
  return error.name === 'ReplyError' && !(error instanceof ReplyError) ? new ReplyError(error.message) : error;
}

type CauseAndRemedy = [cause: string, remedy: string];

function explainSocket(error: Error, endpoint: Endpoint): CauseAndRemedy {
  const { message } = error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const { path, tls, port } = endpoint;
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
    case 'ENOTDIR': {
      const start = path === undefined ? `redis-server --port ${port}` : `redis-server --unixsocket ${path}`;
      return [
        'nothing listens there',
        `start a server there (${start}), correct the URL${path === undefined ? '' : ' (a database is given as ?db=1)'}, ` +
          'or leave --redis out of a run or a sweep, which then starts one of its own',
      ];
    }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`no host of that name is known (${code})`, 'correct the URL'];
    case 'EACCES':
    case 'EPERM':
      return [`this user may not connect to it (${code})`, 'for a Unix socket, see `unixsocketperm` in redis.conf'];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [`there is no way to that host (${code})`, 'correct the URL, or the network'];
    case 'ETIMEDOUT':
      return silent(message, tls);
  }
  if (tls && /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/.test(code)) {
    return ['it does not speak TLS', 'if it is a Redis without TLS, write redis:// instead of rediss://'];
  }
  if (/CERT_REQUIRED|CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code)) {
    return [
      'it asks for a client certificate, which ttlscope does not send',
      `as its administrator, type: ${printAdminCli({ ...endpoint, db: 0 }, ['CONFIG', 'SET', 'tls-auth-clients', 'optional'])}`,
    ];
  }
  if (/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/.test(code)) {
    return [
      `its certificate is of an unknown authority (${message})`,
      'name the file that holds the certificate of the authority: NODE_EXTRA_CA_CERTS=ca.pem ttlscope run …',
    ];
  }
  if (/CERT|ALTNAME/.test(code))
    return [`its certificate is refused: ${message}`, 'correct the URL or the certificate'];
  if (/^no answer within/.test(message)) return silent(message, tls);
  if (/^not RESP2/.test(message)) {
    return [`it is not a Redis (${message})`, 'correct the URL: is it the port of another service?'];
  }
  return [
    `it ended the connection before it answered (${message || code})`,
    tls ? 'is it a Redis?' : 'is it a Redis, and if it wants TLS, does the URL say rediss://?',
  ];
}

function silent(cause: string, tls: boolean): CauseAndRemedy {
  const questions =
    'is it a Redis, is it running (not stopped, not in a long script), and does a firewall let you through?';
  return [
    cause,
    tls ? `if it is a Redis without TLS, write redis:// instead of rediss://; else: ${questions}` : questions,
  ];
}

function explainReply({ code, message }: ReplyError, endpoint: Endpoint): CauseAndRemedy {
  const credentials = 'in the URL, redis://USER:PASSWORD@host or redis://:PASSWORD@host, with %-escapes (@ is %40)';
  const user = endpoint.username ?? 'default';
  switch (code) {
    case 'NOAUTH':
      return ['it asks for a password', `write it ${credentials}`];
    case 'WRONGPASS':
      return [
        `it does not accept the password of the user "${user}", or has no such user`,
        `correct it ${credentials}`,
      ];
    case 'DENIED':
      return [
        'it is in protected mode: without a password it serves its own host only',
        `on its own host, type: ${onItsHost(endpoint, 'requirepass', 'PASSWORD')} (and write it into the URL)` +
          `, or, where everybody on the network may use it: ${onItsHost(endpoint, 'protected-mode', 'no')}`,
      ];
    case 'LOADING':
      return [
        'it is still loading its data',
        `wait until loading is 0 in what this prints: ${printRedisCli(endpoint, ['INFO', 'persistence'])}`,
      ];
    case 'NOPERM':
      return [
        `the user "${user}" may not choose database ${endpoint.db}`,
        `as its administrator, type: ${printAdminCli({ ...endpoint, db: 0 }, ['ACL', 'SETUSER', user, '+select'])}`,
      ];
    case 'MASTERDOWN':
      return ['it is a replica that has lost its primary', 'give the URL of the primary'];
  }
  if (/called without any password configured/.test(message)) {
    return ['it has no password, but the URL gives one', 'leave the password out of the URL'];
  }
  if (/DB index/.test(message)) {
    return [
      `it has no database ${endpoint.db} (${message})`,
      'give a database that it has at the end of the URL, as /0',
    ];
  }
  if (/SELECT is not allowed in cluster mode/.test(message)) {
    return ['it is a node of a cluster, which this version cannot measure', 'use a server with cluster-enabled no'];
  }
  if (/max number of clients/.test(message)) {
    return [
      'it takes no more connections: maxclients is reached',
      `close some, or raise it: ${printRedisCli(endpoint, ['CONFIG', 'SET', 'maxclients', '10000'])}`,
    ];
  }
  if (/unknown command/i.test(message)) {
    return [`it is not a Redis, or not all of one (${message})`, 'correct the URL: is it a proxy, or another service?'];
  }
  return [`it answers: ${message}`, 'see to what it says, then try again'];
}

function onItsHost(endpoint: Endpoint, setting: string, value: string): string {
  return printAdminCli({ ...endpoint, host: '127.0.0.1', db: 0 }, ['CONFIG', 'SET', setting, value]);
}

function withoutPassword(text: string, { password }: Endpoint): string {
  return password ? text.replaceAll(password, '***') : text;
}
