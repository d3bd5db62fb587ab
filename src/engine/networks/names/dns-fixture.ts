/** What tests ask and are asked: queries, a server of the rest of the world, and names of the engine's own. */
import type { Socket } from 'bun';
import { decode, encode, type DecodedPacket, type Packet, type RecordType } from 'dns-packet';
import { frame, FrameReader } from './frames.ts';
import type { NameSource } from './own-answers.ts';

/** As the bytes of a query for recursion. @param edns the size that it offers. */
export function query(name: string, type: RecordType = 'A', edns?: number): Buffer {
  return encode({
    type: 'query',
    id: 4711,
    flags: 0x0100,
    questions: [{ name, type, class: 'IN' }],
    additionals: edns === undefined ? [] : [optionRecord(edns)],
  });
}

function optionRecord(udpPayloadSize: number): NonNullable<Packet['additionals']>[number] {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}

export function read(reply: Buffer | undefined): DecodedPacket & { readonly code: number } {
  if (reply === undefined) throw new TypeError('there is no reply');
  return { ...decode(reply), code: reply.readUInt16BE(2) & 15 };
}

/** The data of its answers. */
export function dataOf(reply: Buffer | undefined): unknown[] {
  return (read(reply).answers ?? []).map((answer) => ('data' in answer ? answer.data : undefined));
}

/** `web` has two addresses, `bare` none; 10.1.0.2 is `web.net`. */
export const names: NameSource = {
  lookup: (_containerId, name, family) =>
    ({ web: family === 4 ? ['10.1.0.2', '10.1.0.3'] : ['fd00::2'], bare: [] })[name],
  reverse: (_containerId, address) => (['10.1.0.2', 'fd00::2'].includes(address) ? 'web.net' : undefined),
};

/** How a fake server takes a query: the bytes of its reply, or silence. */
export type Behaviour = (bytes: Buffer, transport: 'udp' | 'tcp') => Buffer | undefined;

/** A reply with one address to everything. */
export function answering(address: string, extra: Partial<Packet> = {}): Behaviour {
  return (bytes) => {
    const { id = 0, questions = [] } = decode(bytes);
    const name = questions[0]?.name ?? '.';
    return encode({
      type: 'response',
      id,
      flags: 0x0180,
      questions,
      answers: [{ type: 'A', name, ttl: 5, data: address }],
      ...extra,
    });
  };
}

/** A server by UDP and TCP on one port; `seen` is what it was asked. */
export class FakeServer implements Disposable {
  readonly seen: { readonly bytes: Buffer; readonly transport: 'udp' | 'tcp'; readonly port: number }[] = [];
  readonly address: string;
  readonly port: number;
  readonly #stack = new DisposableStack();

  private constructor(address: string, port: number) {
    this.address = address;
    this.port = port;
  }

  static async start(address: string, behaviour: Behaviour, port = 0): Promise<FakeServer> {
    const readers = new WeakMap<Socket, FrameReader>();
    const tcp = Bun.listen({
      hostname: address,
      port,
      socket: {
        open: (socket) => void readers.set(socket, new FrameReader(65_535)),
        data: (socket, chunk) => {
          for (const bytes of readers.get(socket)?.push(chunk) ?? []) {
            server.seen.push({ bytes, transport: 'tcp', port: socket.remotePort });
            const reply = behaviour(bytes, 'tcp');
            if (reply) socket.write(frame(reply));
          }
        },
      },
    });
    const server = new FakeServer(address, tcp.port);
    server.#stack.defer(() => tcp.stop(true));
    const udp = await Bun.udpSocket({
      hostname: address,
      port: tcp.port,
      socket: {
        data: (socket, data, port, from) => {
          const bytes = Buffer.from(data);
          server.seen.push({ bytes, transport: 'udp', port });
          const reply = behaviour(bytes, 'udp');
          if (reply) socket.send(reply, port, from);
        },
      },
    });
    server.#stack.defer(() => udp.close());
    return server;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
