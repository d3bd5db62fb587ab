/** Frames that follow each other on one stream, as one write: the engine sends a frame for each line. */
import type { FramePart } from '../engine-api/framing.ts';

/** The same bytes in the same order, in as few parts as the turns between streams allow. */
export function* joinRuns(parts: Iterable<FramePart>): Generator<FramePart> {
  let run: Uint8Array[] = [];
  let stream: FramePart['stream'] | undefined;
  for (const part of parts) {
    if (stream !== undefined && part.stream !== stream) {
      yield { stream, payload: Buffer.concat(run) };
      run = [];
    }
    stream = part.stream;
    run.push(part.payload);
  }
  if (stream !== undefined) yield { stream, payload: Buffer.concat(run) };
}
