import { expect, test } from 'bun:test';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { createLog } from '../../../lib/log.ts';
import { answering, dataOf, FakeServer, names, query, read } from './dns-fixture.ts';
import type { NameSource } from './own-answers.ts';
import { Resolver } from './resolver.ts';
import { Upstream } from './upstream.ts';

const log = createLog('test', 'silent');

function resolver(source: NameSource = names, servers: readonly FakeServer[] = []): Resolver {
  return new Resolver('c1', source, new Upstream(servers, { next: 200, last: 200 }, log), log);
}

test('a name of ours has its addresses, in turn, for ten minutes', async () => {
  const ours = resolver();
  const first = await ours.answer(query('web'), 'udp');
  expect(read(first)).toMatchObject({ id: 4711, code: 0, flag_qr: true, flag_rd: true, flag_ra: true });
  expect(read(first).answers?.[0]).toMatchObject({ name: 'web', type: 'A', ttl: 600 });
  expect(dataOf(first)).toEqual(['10.1.0.2', '10.1.0.3']);
  expect(dataOf(await ours.answer(query('web'), 'udp'))).toEqual(['10.1.0.3', '10.1.0.2']);
});

test('letters of either case and a dot at the end make no difference; the question comes back as it was asked', async () => {
  const reply = await resolver().answer(query('wEb.'), 'udp');
  expect(dataOf(reply)).toEqual(['10.1.0.2', '10.1.0.3']);
  expect(read(reply).questions).toEqual([{ name: 'wEb', type: 'A', class: 'IN' }]);
});

test('a name of ours without addresses of a kind, or of type MX, exists all the same', async () => {
  for (const [name, type] of [
    ['bare', 'AAAA'],
    ['web', 'MX'],
  ] as const) {
    expect(read(await resolver().answer(query(name, type), 'udp'))).toMatchObject({ code: 0, answers: [] });
  }
  expect(dataOf(await resolver().answer(query('web', 'AAAA'), 'udp'))).toEqual(['fd00::2']);
  expect(read(await resolver().answer(query('bare'), 'udp'))).toMatchObject({ code: 0, answers: [] });
});

test('an address of ours has a name', async () => {
  expect(dataOf(await resolver().answer(query('2.0.1.10.IN-ADDR.arpa', 'PTR'), 'udp'))).toEqual(['web.net']);
  const six = `2.${'0.'.repeat(29)}d.f.ip6.arpa`;
  expect(dataOf(await resolver().answer(query(six, 'PTR'), 'udp'))).toEqual(['web.net']);
});

test('a name too long for DNS is not given out as a broken record', async () => {
  const long: NameSource = { lookup: () => undefined, reverse: () => 'x'.repeat(64) };
  const reply = await resolver(long).answer(query('2.0.1.10.in-addr.arpa', 'PTR'), 'udp');
  expect(read(reply)).toMatchObject({ code: 2, answers: [] });
});

test('each container has its own view', async () => {
  const asked: string[] = [];
  const source: NameSource = { ...names, lookup: (id, name) => void asked.push(`${id} ${name}`) };
  await resolver(source).answer(query('Other.Net'), 'udp');
  expect(asked).toEqual(['c1 other.net']);
});

test('what is not ours, and other classes, go upstream', async () => {
  using server = await FakeServer.start('127.0.0.1', answering('192.0.2.7'));
  const ours = resolver(names, [server]);
  for (const [name, type] of [
    ['example.com', 'A'],
    ['web', 'TXT'],
    ['9.9.9.9.in-addr.arpa', 'PTR'],
    ['.', 'NS'],
  ] as const) {
    expect(dataOf(await ours.answer(query(name, type), 'udp'))).toEqual(['192.0.2.7']);
  }
  const chaos = encode({ type: 'query', questions: [{ name: 'web', type: 'A', class: 'CH' }] });
  expect(dataOf(await ours.answer(chaos, 'udp'))).toEqual(['192.0.2.7']);
});

test('more addresses than fit are cut off and marked by UDP, and all there by TCP', async () => {
  const many: NameSource = { ...names, lookup: () => Array.from({ length: 100 }, (_, i) => `10.1.0.${i}`) };
  for (const [edns, most] of [
    [undefined, 512],
    [1232, 1232],
  ] as const) {
    const cut = await resolver(many).answer(query('web', 'A', edns), 'udp');
    expect(cut?.length).toBeLessThanOrEqual(most);
    expect(cut?.length).toBeGreaterThan(most - 40);
    expect(read(cut).flag_tc).toBe(true);
  }
  expect(dataOf(await resolver(many).answer(query('web'), 'tcp'))).toHaveLength(100);
});

test('who speaks EDNS is answered in it', async () => {
  expect(read(await resolver().answer(query('web', 'A', 4096), 'udp')).additionals).toMatchObject([
    { type: 'OPT', udpPayloadSize: 1232 },
  ]);
  expect(read(await resolver().answer(query('web'), 'udp')).additionals).toEqual([]);
});

test('replies are not replied to; what makes no sense is refused with its id', async () => {
  const ours = resolver();
  expect(await ours.answer(encode({ type: 'response', id: 1, questions: [] }), 'udp')).toBeUndefined();
  expect(await ours.answer(Buffer.from('short'), 'udp')).toBeUndefined();
  const noQuestion = encode({ type: 'query', id: 5 });
  expect(read(await ours.answer(noQuestion, 'udp'))).toMatchObject({ id: 5, code: 1 });
  const notify = query('web');
  notify.writeUInt16BE(0x2000, 2);
  expect(read(await ours.answer(notify, 'udp'))).toMatchObject({ id: 4711, code: 4 });
  const long = Buffer.concat([query('web'), Buffer.alloc(5000)]);
  expect(read(await ours.answer(long, 'tcp')).code).toBe(1);
});

test('a source that throws is a server failure, and no more', async () => {
  const broken: NameSource = {
    ...names,
    lookup: () => {
      throw new TypeError('broken');
    },
  };
  expect(read(await resolver(broken).answer(query('web'), 'udp')).code).toBe(2);
});

test('a hundred queries wait at a time; the next is refused, and served when there is room again', async () => {
  using server = await FakeServer.start('127.0.0.1', () => undefined);
  const ours = resolver(names, [server]);
  const waiting = Array.from({ length: 100 }, () => ours.answer(query('example.com'), 'udp'));
  expect(read(await ours.answer(query('web'), 'udp')).code).toBe(5);
  expect((await Promise.all(waiting)).map((reply) => read(reply).code)).toEqual(Array(100).fill(2));
  expect(read(await ours.answer(query('web'), 'udp')).code).toBe(0);
});

test('who waits is let go when the container ends', async () => {
  using server = await FakeServer.start('127.0.0.1', () => undefined);
  const ours = new Resolver('c1', names, new Upstream([server], { next: 60_000, last: 60_000 }, log), log);
  const waiting = ours.answer(query('example.com'), 'tcp');
  ours[Symbol.dispose]();
  expect(read(await waiting).code).toBe(2);
});

/** Any bytes, and good queries with bytes changed, cut off and added: those get further in. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .record({
      base: fc.constantFrom(query('web'), query('web', 'A', 1232), query('2.0.1.10.in-addr.arpa', 'PTR')),
      changes: fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 }),
      tail: fc.uint8Array({ maxLength: 80 }),
      cut: fc.nat(60),
    })
    .map(({ base, changes, tail, cut }) => {
      const bytes = Buffer.concat([base, tail]);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return cut % 3 === 0 ? bytes.subarray(0, cut) : bytes;
    }),
);

test('whatever the bytes: no throw, and a reply is a readable one to them', async () => {
  const ours = resolver();
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom('udp' as const, 'tcp' as const), async (bytes, transport) => {
      const reply = await ours.answer(Buffer.from(bytes), transport);
      if (reply === undefined) return;
      expect(reply.readUInt16BE(0)).toBe(Buffer.from(bytes).readUInt16BE(0));
      expect(read(reply).flag_qr).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('the worst chain of pointers that a query can hold takes no time', async () => {
  const bytes = Buffer.alloc(4096);
  query('web').copy(bytes);
  bytes.writeUInt16BE(0xffff, 10);
  // Pointers to pointers, each to the one before; then records whose names walk the whole chain.
  for (let at = 24; at < 2048; at += 2) bytes.writeUInt16BE(0xc000 | (at - 2), at);
  for (let at = 2048; at + 12 <= 4096; at += 12) bytes.writeUInt16BE(0xc000 | 2046, at);
  const start = performance.now();
  await resolver().answer(bytes, 'udp');
  expect(performance.now() - start).toBeLessThan(100);
});
