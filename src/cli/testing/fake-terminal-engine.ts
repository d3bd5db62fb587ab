/** An engine with one container whose terminal the test plays: create, attach, wait, start, resize, as `run` asks them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface FakeTerminalEngine extends AsyncDisposable {
  /** The paths asked for, in their order. */
  readonly asked: readonly string[];
  /** What was typed so far. */
  readonly typed: () => string;
  /** The container writes. */
  print(text: string): void;
  /** The container ends. */
  exit(code: number): void;
}

/** Serves on a socket until disposed. */
export async function serveFakeTerminal(socket: string): Promise<FakeTerminalEngine> {
  const asked: string[] = [];
  const state: { typed: string; stream?: Duplex; wait?: ServerResponse } = { typed: '' };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://engine').pathname;
    asked.push(request.url ?? '');
    answer(path, request, response, state);
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex) => {
    asked.push(request.url ?? '');
    stream.write(
      'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    );
    stream.on('data', (chunk: Buffer) => (state.typed += chunk.toString('latin1')));
    stream.on('error', () => undefined);
    state.stream = stream;
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  return {
    asked,
    typed: () => state.typed,
    print: (text) => void state.stream?.write(text),
    exit(code) {
      state.stream?.end();
      state.wait?.end(`${JSON.stringify({ StatusCode: code })}\n`);
    },
    [Symbol.asyncDispose]: async () => {
      state.stream?.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  state: { wait?: ServerResponse },
): void {
  request.resume();
  if (path.endsWith('/create')) {
    response.writeHead(201).end(JSON.stringify({ Id: 'abc', Warnings: [] }));
  } else if (path.endsWith('/wait')) {
    response.writeHead(200).flushHeaders();
    state.wait = response;
  } else response.writeHead(path.endsWith('/resize') ? 200 : 204).end();
}
