/** The socket that a service manager listens on for what its services say (man 3 sd_notify). */
import { expect } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '../../support/eventually.ts';

export interface NotifySocket extends Disposable {
  readonly path: string;
  /** Each word so far, oldest first. */
  readonly said: readonly string[];
}

/** Neither Bun nor Node reads datagrams of unix sockets: python3 writes them down. */
const reader = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
with open(sys.argv[2], "ab", buffering=0) as log:
    while True:
        log.write(receiver.recv(4096) + b"\\0")
`;

export async function openNotifySocket(path: string): Promise<NotifySocket> {
  const log = join(dirname(path), 'said');
  const child = Bun.spawn(['python3', '-c', reader, path, log], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  });
  await eventually(() => expect(existsSync(path)).toBe(true));
  const read = (): string => {
    try {
      return readFileSync(log, 'utf8');
    } catch {
      return '';
    }
  };
  return {
    path,
    get said() {
      return read().split('\0').filter(Boolean);
    },
    [Symbol.dispose]: () => child.kill(),
  };
}
