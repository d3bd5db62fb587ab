/**
 * A netlink socket for questions that the kernel answers at once: it handles a request within send(2), and the answer is there when
 * that returns, so nothing waits. A socket belongs for ever to the network namespace that it was opened in (see netns.ts).
 */
import { dlopen } from 'bun:ffi';
import { getSystemErrorName } from 'node:util';
import { UnavailableError } from '../../lib/errors.ts';
import { acknowledged, decodeMessages, type NetlinkMessage } from './netlink-message.ts';

const library = dlopen('libc.so.6', {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  send: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
  recv: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
  close: { args: ['i32'], returns: 'i32' },
}).symbols;

const addressFamilyNetlink = 16;
const socketRaw = 3;
const closeOnExec = 0x80000;

/** Subsystems of the kernel that speak netlink. */
export const netlinkProtocols = { route: 0, netfilter: 12 } as const;

export class NetlinkSocket implements Disposable {
  readonly #descriptor: number;
  readonly #answer = Buffer.alloc(32 * 1024);

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** A socket in the calling thread's present network namespace. */
  static open(protocol: number): NetlinkSocket {
    const descriptor = library.socket(addressFamilyNetlink, socketRaw | closeOnExec, protocol);
    if (descriptor < 0) throw new UnavailableError('cannot open a netlink socket');
    return new NetlinkSocket(descriptor);
  }

  /** Sends a request that is answered or acknowledged, and returns that. */
  exchange(request: Uint8Array): NetlinkMessage[] {
    const sent = library.send(this.#descriptor, request, request.byteLength, 0);
    if (Number(sent) !== request.byteLength) throw new UnavailableError('cannot send to netlink');
    const received = library.recv(this.#descriptor, this.#answer, this.#answer.byteLength, 0);
    if (Number(received) < 0) throw new UnavailableError('cannot receive from netlink');
    return decodeMessages(this.#answer.subarray(0, Number(received)));
  }

  /**
   * Sends a request that has to succeed.
   * @param what for the message: "create bridge x".
   * @throws UnavailableError with the errno's name as its `code`.
   */
  command(what: string, request: Uint8Array): void {
    const errno = this.exchange(request)
      .map(acknowledged)
      .find((code) => code !== undefined);
    if (errno === 0) return;
    const code = errno === undefined ? 'EPROTO' : getSystemErrorName(-errno);
    throw Object.assign(new UnavailableError(`cannot ${what}: ${code}`), { code });
  }

  [Symbol.dispose](): void {
    library.close(this.#descriptor);
  }
}
