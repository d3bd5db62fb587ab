import { expect, test } from 'bun:test';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { createLog } from '../../../lib/log.ts';
import { answering, dataOf, FakeServer, query, read, type Behaviour } from './dns-fixture.ts';
import { answers, readQuery, type Query } from './message.ts';
import { Upstream, type Transport } from './upstream.ts';

const log = createLog('test', 'silent');
const never = new AbortController().signal;
const patience = { next: 150, last: 150 };

/** @param bytes of a query that can be read. */
function parsed(bytes: Buffer): Query {
  const read = readQuery(bytes);
  if (read === undefined || Buffer.isBuffer(read)) throw new TypeError('not a query');
  return read;
}

async function ask(
  servers: readonly Pick<FakeServer, 'address' | 'port'>[],
  bytes: Buffer,
  by: Transport = 'udp',
) {
  return new Upstream(servers, patience, log).ask(parsed(bytes), by, never);
}

const silent: Behaviour = () => undefined;
/** As `behaviour`, with this reply code. */
const failing =
  (code: number): Behaviour =>
  (bytes) => {
    const reply = answering('192.0.2.9')(bytes, 'udp');
    reply?.writeUInt16BE(0x8180 | code, 2);
    return reply;
  };

test('by UDP or TCP, as the client asked; the id and the port are new each time, the answer has the old id', async () => {
  using server = await FakeServer.start('127.0.0.1', answering('192.0.2.1'));
  for (const by of ['udp', 'udp', 'udp', 'tcp'] as const) {
    const reply = await ask([server], query('example.com'), by);
    expect(read(reply)).toMatchObject({ id: 4711, code: 0 });
    expect(dataOf(reply)).toEqual(['192.0.2.1']);
  }
  expect(server.seen.map(({ transport }) => transport)).toEqual(['udp', 'udp', 'udp', 'tcp']);
  expect(new Set(server.seen.map(({ port }) => port)).size).toBe(4);
  expect(new Set(server.seen.map(({ bytes }) => bytes.readUInt16BE(0))).size).toBeGreaterThan(2);
});

test('EDNS passes through, both ways', async () => {
  using server = await FakeServer.start('127.0.0.1', (bytes, by) => {
    const reply = answering('192.0.2.1')(bytes, by);
    return reply && Buffer.concat([reply, Buffer.from('unread')]);
  });
  const bytes = query('example.com', 'A', 1400);
  const reply = await ask([server], bytes);
  expect(server.seen[0]?.bytes.subarray(2)).toEqual(bytes.subarray(2));
  expect(reply?.subarray(-6).toString()).toBe('unread');
});

test('the next server is asked when one is silent, is not there, fails or refuses', async () => {
  using good = await FakeServer.start('127.0.0.1', answering('192.0.2.2'));
  for (const behaviour of [silent, failing(2), failing(5)]) {
    using bad = await FakeServer.start('127.0.0.1', behaviour);
    for (const by of ['udp', 'tcp'] as const) {
      expect(dataOf(await ask([bad, good], query('example.com'), by))).toEqual(['192.0.2.2']);
    }
    expect(bad.seen).toHaveLength(2);
  }
  const gone = await FakeServer.start('127.0.0.1', silent);
  gone[Symbol.dispose]();
  const start = performance.now();
  expect(dataOf(await ask([gone, good], query('example.com')))).toEqual(['192.0.2.2']);
  // The host says at once that nobody is there.
  expect(performance.now() - start).toBeLessThan(patience.next);
});

test('that a name does not exist is an answer, and nobody else is asked', async () => {
  using first = await FakeServer.start('127.0.0.1', failing(3));
  using second = await FakeServer.start('127.0.0.1', answering('192.0.2.2'));
  expect(read(await ask([first, second], query('example.com'))).code).toBe(3);
  expect(second.seen).toEqual([]);
});

test('nothing when all fail, or there is none, or the address is none', async () => {
  using bad = await FakeServer.start('127.0.0.1', silent);
  expect(await ask([bad, bad], query('example.com'))).toBeUndefined();
  expect(await ask([], query('example.com'))).toBeUndefined();
  expect(await ask([{ address: '::ffff:nonsense', port: 53 }], query('example.com'))).toBeUndefined();
});

test('a reply with another id or to another question is waited out', async () => {
  using server = await FakeServer.start('127.0.0.1', (bytes, by) => {
    const wrong = Buffer.from(bytes);
    wrong.writeUInt16BE((bytes.readUInt16BE(0) + 1) & 0xffff, 0);
    return answering('192.0.2.66')(wrong, by);
  });
  expect(await ask([server], query('example.com'))).toBeUndefined();
  using other = await FakeServer.start('127.0.0.1', (bytes) =>
    answering('192.0.2.66', { questions: [{ name: 'example.org', type: 'A' }] })(bytes, 'udp'),
  );
  expect(await ask([other], query('example.com'))).toBeUndefined();
});

test('truncated: asked again by TCP if the client takes more by UDP, else the mark is passed on', async () => {
  using server = await FakeServer.start('127.0.0.1', (bytes, by) =>
    answering('192.0.2.3', by === 'udp' ? { flags: 0x0380, answers: [] } : {})(bytes, by),
  );
  const whole = await ask([server], query('example.com', 'A', 1232));
  expect(read(whole).flag_tc).toBe(false);
  expect(dataOf(whole)).toEqual(['192.0.2.3']);
  expect(read(await ask([server], query('example.com'))).flag_tc).toBe(true);
  expect(server.seen.map(({ transport }) => transport)).toEqual(['udp', 'tcp', 'udp']);
});

test('an answer of many segments arrives whole by TCP', async () => {
  const many = Array.from({ length: 2000 }, () => ({ type: 'A', name: 'x.yz', data: '192.0.2.4' }) as const);
  using server = await FakeServer.start('127.0.0.1', answering('', { answers: many }));
  expect(dataOf(await ask([server], query('x.yz'), 'tcp'))).toHaveLength(2000);
});

test('no bytes of a server make the check of a reply throw', () => {
  const asked = parsed(query('example.com'));
  const good = encode({ type: 'response', id: 1, questions: [{ name: 'EXAMPLE.com', type: 'A' }] });
  expect(answers(good, asked, 1)).toBe(true);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(60), (noise, keep) => {
      const bytes = Buffer.concat([good.subarray(0, keep), noise]);
      expect(typeof answers(bytes, asked, 1)).toBe('boolean');
    }),
  );
});
