/** One address before several servers, by TCP: each connection goes to the next of them that takes it, and breaks when that one ends. */
import { connect, createServer, type Socket } from 'node:net';

export interface Balancer extends AsyncDisposable {
  readonly url: string;
}

/** @param ports of the servers, all on the loopback interface. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client);
    client.on('error', () => undefined).on('close', () => open.delete(client));
    turn += 1;
    const order = ports.map((_, at) => ports[(turn + at) % ports.length] ?? 0);
    void reach(order).then((behind) => {
      if (!behind || client.destroyed) {
        client.destroy();
        behind?.destroy();
        return;
      }
      const end = (): void => {
        client.destroy();
        behind.destroy();
      };
      behind.on('error', end).on('close', end);
      client.on('close', end);
      client.pipe(behind);
      behind.pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const client of open) client.destroy();
      await closed;
    },
  };
}

async function reach(ports: readonly number[]): Promise<Socket | undefined> {
  for (const port of ports) {
    const socket = await tryPort(port);
    if (socket) return socket;
  }
  return undefined;
}

function tryPort(port: number): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.once('connect', () => resolve(socket));
  socket.once('error', () => resolve(undefined));
  return promise;
}
