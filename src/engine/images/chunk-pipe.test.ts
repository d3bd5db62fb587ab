import { expect, test } from 'bun:test';
import { ChunkPipe } from './chunk-pipe.ts';

const megabyte = new Uint8Array(1024 * 1024);

test('a writer waits for a reader that lags behind', async () => {
  const pipe = new ChunkPipe();
  let written = 0;
  const writing = (async () => {
    for (; written < 10; written++) await pipe.write(megabyte);
    pipe.end();
  })();
  await Bun.sleep(5);
  expect(written).toBeLessThan(4);
  expect((await new Response(pipe.readable).arrayBuffer()).byteLength).toBe(10 * megabyte.length);
  await writing;
});

test('a reader that stops does not hold the writer up', async () => {
  const pipe = new ChunkPipe();
  const writing = (async () => {
    for (let count = 0; count < 10; count++) await pipe.write(megabyte);
  })();
  await pipe.readable.cancel();
  await writing;
  pipe.end();
});

test('a failure reaches the reader', async () => {
  const pipe = new ChunkPipe();
  await pipe.write(new Uint8Array(1));
  pipe.fail(new TypeError('no more'));
  await expect(new Response(pipe.readable).arrayBuffer()).rejects.toThrow('no more');
});
