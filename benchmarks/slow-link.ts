/**
 * `bun slow-link.ts TARGET-PORT MILLISECONDS MEGABITS`: a way to a server of this machine as if it were elsewhere. Prints the port
 * where it begins. Every byte comes so many milliseconds later, in both directions, and what comes back at most so fast, on all
 * connections together. A program of its own, so that its work is nobody's who is measured.
 */
import { connect, createServer, type Socket } from 'node:net';

const [target = 0, delay = 0, megabits = 0] = process.argv.slice(2).map(Number);
const bytesPerMillisecond = (megabits * 1e6) / 8 / 1000;
/** In bytes: what is under way on a link of this length, and some more. */
const mostUnderWay = 2 * delay * bytesPerMillisecond + 1024 * 1024;

/** By `performance.now()`: when the link has passed on all that was given to it. */
let free = 0;

const server = createServer((client) => {
  const upstream = connect(target, '127.0.0.1');
  carry(client, upstream, () => 0);
  carry(upstream, client, (size) => size / bytesPerMillisecond);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`${address?.port}\n`);
});

/** @param duration of so many bytes on the link, in milliseconds. */
function carry(from: Socket, to: Socket, duration: (size: number) => number): void {
  let underWay = 0;
  /** Timers of a fraction of a millisecond apart may end the other way round: what was given first goes first. */
  const waiting: (() => void)[] = [];
  const later = (size: number, deliver: () => void): void => {
    const now = performance.now();
    const took = duration(size);
    if (took > 0) free = Math.max(free, now) + took;
    underWay += size;
    if (underWay > mostUnderWay) from.pause();
    waiting.push(() => {
      underWay -= size;
      deliver();
      if (underWay <= mostUnderWay) from.resume();
    });
    setTimeout(() => waiting.shift()?.(), delay + (took > 0 ? free - now : 0));
  };
  from.setNoDelay(true);
  from.on('data', (bytes) => later(Buffer.byteLength(bytes), () => to.write(bytes)));
  from.on('end', () => later(0, () => to.end()));
  from.on('error', () => to.destroy());
  from.on('close', () => later(0, () => to.end()));
}
