import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { encodeFrame, FrameDecoder, type StreamName } from './framing.ts';

const streams: readonly StreamName[] = ['stdin', 'stdout', 'stderr'];

describe('framing', () => {
  test('a frame is stream, three zeros, length as big-endian uint32, payload', () => {
    expect([...encodeFrame('stderr', new Uint8Array([7, 8]))]).toEqual([2, 0, 0, 0, 0, 0, 0, 2, 7, 8]);
  });

  test('whatever is encoded comes out again, wherever the chunks are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(...streams), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 30 }), (input, cut) => {
        const bytes = Buffer.concat(input.map(([stream, payload]) => encodeFrame(stream, payload)));
        const decoder = new FrameDecoder();
        const output = { stdin: '', stdout: '', stderr: '', system: '' };
        for (let at = 0; at < bytes.length; at += cut) {
          for (const { stream, payload } of decoder.decode(bytes.subarray(at, at + cut))) {
            output[stream] += Buffer.from(payload).toString('hex');
          }
        }
        const expected = { stdin: '', stdout: '', stderr: '', system: '' };
        for (const [stream, payload] of input) expected[stream] += Buffer.from(payload).toString('hex');
        expect(output).toEqual(expected);
      }),
    );
  });

  test('a header that names no stream is refused', () => {
    const decoder = new FrameDecoder();
    expect(() => [...decoder.decode(new TextEncoder().encode('HTTP/1.1'))]).toThrow(
      'Unrecognized input header: 72',
    );
  });
});
