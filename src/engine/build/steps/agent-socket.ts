/** `RUN --mount=type=ssh`: a socket in the container, each of its connections joined to one of the client's agent. */
import { createServer, type Socket } from 'node:net';
import type { BuildSession } from '../sessions.ts';

/** Listens until disposed of; then its connections are ended, too. */
export async function openAgentSocket(
  path: string,
  session: BuildSession,
  id: string,
): Promise<AsyncDisposable> {
  const ended = new AbortController();
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    void session.take('agent', id, ended.signal).then(
      (agent) => {
        agent.on('error', () => socket.destroy()).on('close', () => socket.destroy());
        socket.on('close', () => agent.destroy());
        socket.pipe(agent).pipe(socket);
      },
      () => socket.destroy(),
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, resolve);
  await promise;
  return {
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
