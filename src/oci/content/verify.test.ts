import { describe, expect, test } from 'bun:test';
import { CorruptError } from '../../lib/errors.ts';
import { digestOf } from '../image/digest.ts';
import { type Expected, verify } from './verify.ts';

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function read(expected: Expected): Promise<string> {
  const parts = await Array.fromAsync(verify(chunks('hello, ', 'world'), expected));
  return Buffer.concat(parts).toString();
}

async function failure(expected: Expected): Promise<unknown> {
  return read(expected).catch((error: unknown) => error);
}

describe('verify', () => {
  test('passes on what is as promised', async () => {
    expect(await read({ digest: digestOf('hello, world'), size: 12 })).toBe('hello, world');
    expect(await read({ digest: digestOf('hello, world', 'sha512') })).toBe('hello, world');
  });

  test('throws in place of the end when the digest is another', async () => {
    expect(await failure({ digest: digestOf('hello') })).toBeInstanceOf(CorruptError);
  });

  test('throws at the first byte too many, and at the end for too few', async () => {
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of verify(chunks('hello, ', 'world'), { size: 8 })) seen.push(String(chunk));
    })();
    expect(await reading.catch((error: unknown) => error)).toBeInstanceOf(CorruptError);
    expect(seen).toHaveLength(1);
    expect(await failure({ size: 13 })).toBeInstanceOf(CorruptError);
  });
});
