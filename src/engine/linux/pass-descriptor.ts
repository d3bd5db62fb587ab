/** A descriptor handed to another process over a unix socket (SCM_RIGHTS), unix(7): neither Node nor Bun can. */
import { dlopen, FFIType, ptr } from 'bun:ffi';
import { check } from './libc.ts';

const { sendmsg } = dlopen('libc.so.6', {
  sendmsg: { args: ['i32', 'ptr', 'i32'], returns: FFIType.i64_fast },
}).symbols;

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** struct cmsghdr is 16 bytes, the descriptor 4, and the whole is rounded up to 8. */
const controlLength = 20;

/** @param name goes along as the message itself, which must not be empty. @throws SystemCallError */
export function passDescriptor(socket: number, descriptor: number, name: string): void {
  const text = Buffer.from(name);
  const vector = BigUint64Array.of(BigInt(ptr(text)), BigInt(text.length));
  const control = new DataView(new ArrayBuffer(24));
  control.setBigUint64(0, BigInt(controlLength), true);
  control.setInt32(8, SOL_SOCKET, true);
  control.setInt32(12, SCM_RIGHTS, true);
  control.setInt32(16, descriptor, true);
  const controlBytes = new Uint8Array(control.buffer);
  // struct msghdr: name, name's length, vectors, their number, control, its length, flags.
  const message = BigUint64Array.of(
    0n,
    0n,
    BigInt(ptr(vector)),
    1n,
    BigInt(ptr(controlBytes)),
    BigInt(controlBytes.length),
    0n,
  );
  check(Number(sendmsg(socket, message, 0)), 'sendmsg');
}
