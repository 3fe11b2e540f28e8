// Loaded into a program by NODE_OPTIONS=--import: ends it by SIGKILL when it writes to a socket, or to its standard error,
// what KILL_AT (a regular expression, of any case) matches: before that is sent, or after it, as KILL_WHEN says.
import net from 'node:net';

const at = new RegExp(process.env.KILL_AT, 'is');
const { write } = net.Socket.prototype;

net.Socket.prototype.write = function (chunk, ...rest) {
  const isIt = at.test(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1'));
  if (isIt && process.env.KILL_WHEN === 'before') process.kill(process.pid, 'SIGKILL');
  const written = write.call(this, chunk, ...rest);
  if (isIt) process.kill(process.pid, 'SIGKILL');
  return written;
};
