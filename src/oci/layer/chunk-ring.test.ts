import { expect, test } from 'bun:test';
import { RingReader, RingWriter, ringMemory } from './chunk-ring.ts';

function put(writer: RingWriter, text: string): void {
  writer.publish(new TextEncoder().encodeInto(text, writer.next()).written);
}

function take(reader: RingReader): string {
  return Buffer.from(reader.next()).toString();
}

test('chunks come in order, each whole, more of them than there are slots', () => {
  const memory = ringMemory();
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  put(writer, 'first');
  for (let index = 0; index < 50; index++) {
    put(writer, `chunk ${index}`);
    expect(take(reader)).toBe(index === 0 ? 'first' : `chunk ${index - 1}`);
  }
  expect(take(reader)).toBe('chunk 49');
});

test('a chunk stays as it is until the next one is asked for', () => {
  const memory = ringMemory();
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  put(writer, 'kept');
  const chunk = reader.next();
  // As many as fit without the slot that is held.
  for (let index = 0; index < 5; index++) put(writer, `more ${index}`);
  expect(Buffer.from(chunk).toString()).toBe('kept');
});

test('the last words come after the last chunk, and only then', () => {
  const memory = ringMemory();
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  put(writer, 'one');
  writer.end('farewell');
  expect(take(reader)).toBe('one');
  expect(reader.lastWords).toBeUndefined();
  expect([take(reader), take(reader)]).toEqual(['', '']);
  expect(reader.lastWords).toBe('farewell');
});
