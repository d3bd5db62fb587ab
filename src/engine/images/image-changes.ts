/** What an image's layers changed, and how two images differ, as streams of lines for the API. */
import type { FailureLine, LayeredHistoryItem } from '../../engine-api/image-changes.ts';
import { messageOf } from '../../lib/errors.ts';
import type { LayerChangesOptions } from '../snapshots/snapshot-store.ts';
import { holdLayers } from './hold-layers.ts';
import type { Image, ImageStore } from './image-store.ts';
import { presentHistory } from './present.ts';

/** The history, then layer by layer what it changed, topmost first. The layers stay while they are read. */
export function layerChanges(
  images: ImageStore,
  image: Image,
  options: LayerChangesOptions,
): ReadableStream<Uint8Array> {
  const lines = images.snapshots.layerChanges(image.chainId, options);
  return held(images, [image], lines, [{ History: layeredHistory(images, image) }]);
}

/** How the files of `after` differ from those of `before`. */
export function imageChanges(images: ImageStore, before: Image, after: Image): ReadableStream<Uint8Array> {
  return held(images, [before, after], images.snapshots.compare(before.chainId, after.chainId), []);
}

/** Newest first. Layers that the history does not tell of come last: it is as the image brought it. */
function layeredHistory(images: ImageStore, image: Image): LayeredHistoryItem[] {
  let next = 0;
  const layers = (image.config.history ?? []).map((entry) =>
    entry.empty_layer || next === image.layers.length ? null : next++,
  );
  const items = presentHistory(images, image).map((item, index) => ({
    ...item,
    Layer: layers[layers.length - 1 - index] ?? null,
  }));
  const untold = image.layers.slice(next).map(({ size }, index) => ({
    Id: '<missing>',
    Created: 0,
    CreatedBy: '',
    Tags: null,
    Size: size,
    Comment: '',
    Layer: next + index,
  }));
  return [...untold.toReversed(), ...items];
}

/** The stream, with these lines before it, and the images' layers kept until it ends. */
function held(
  images: ImageStore,
  read: readonly Image[],
  lines: ReadableStream<Uint8Array>,
  first: readonly object[],
): ReadableStream<Uint8Array> {
  const release = holdLayers(images, read);
  const reader = lines.getReader();
  const encode = (line: object): Uint8Array => Buffer.from(`${JSON.stringify(line)}\n`);
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        for (const line of first) controller.enqueue(encode(line));
      },
      async pull(controller) {
        try {
          const { value, done } = await reader.read();
          if (!done) return controller.enqueue(value);
        } catch (error) {
          // The answer has begun: only its end can tell.
          controller.enqueue(encode({ error: messageOf(error) } satisfies FailureLine));
        }
        await release();
        controller.close();
      },
      async cancel(reason) {
        try {
          await reader.cancel(reason);
        } finally {
          await release();
        }
      },
    },
    { highWaterMark: 0 },
  );
}
