import { expect, test } from 'bun:test';
import { digestOf } from '../../../oci/image/digest.ts';
import { presentCache, readCache } from './cache-document.ts';

const record = {
  key: digestOf('key'),
  description: 'RUN make',
  createdAt: '2026-11-26T10:00:00.000Z',
  diffId: digestOf('layer'),
};

test('what is written is read again', () => {
  const document = {
    records: [record],
    facts: new Map([[digestOf('question'), '4711:4711']]),
    layers: [record.diffId],
  };
  expect(readCache(JSON.parse(JSON.stringify(presentCache(document))))).toEqual(document);
});

test('the same cache is the same bytes, whatever came first', () => {
  const other = { ...record, key: digestOf('other') };
  const written = [
    [record, other],
    [other, record],
  ].map((records) => JSON.stringify(presentCache({ records, facts: new Map(), layers: [] })));
  expect(written[0]).toBe(written[1] ?? '');
});

test.each([
  ['no object', []],
  ['a key that is no digest', { records: [{ ...record, key: '../x' }] }],
  ['a layer that is no digest', { records: [{ ...record, layer: 'x' }] }],
  ['a time that is none', { records: [{ ...record, createdAt: 'now' }] }],
  ['too long a description', { records: [{ ...record, description: 'x'.repeat(2000) }] }],
  ['too many records', { records: Array.from({ length: 10_001 }, () => record) }],
])('%s is refused', (_what, value) => {
  expect(() => readCache(value)).toThrow('the cache is invalid');
});
