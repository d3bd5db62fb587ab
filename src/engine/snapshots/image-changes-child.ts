/**
 * The process that looks through the layers of images: for what each of them changed, or for how two images differ. A
 * process of its own for the same reason as diff-child.ts. It writes lines of JSON to stdout as it goes.
 */
import { messageOf } from '../../lib/errors.ts';
import { writeFully } from '../linux/file.ts';
import { dieWithParent } from '../linux/process.ts';
import { ChangeWriter } from './change-writer.ts';
import { compareRoots } from './compare-roots.ts';
import { writeLayerChanges } from './layer-changes.ts';
import { LowerDirectory } from './lower-directory.ts';
import { OutputBuffer } from './output-buffer.ts';

const stdout = 1;
const stderr = 2;

/**
 * `argv`: `… @image-changes layers whole|summed LIMIT LAYER…`, or `… @image-changes compare COUNT LAYER…` with COUNT layers
 * of the older image and then those of the other, topmost first. @returns the exit code.
 */
export async function runImageChangesChild(argv: readonly string[] = process.argv): Promise<number> {
  const [task, ...rest] = argv.slice(argv.indexOf('@image-changes') + 1);
  const writer = new ChangeWriter(new OutputBuffer(stdout));
  try {
    dieWithParent();
    if (task === 'layers') {
      const [extent, limit, ...layers] = rest;
      writeLayerChanges(layers, { isWhole: extent === 'whole', limit: Number(limit) }, writer);
    } else {
      const [count, ...layers] = rest;
      const [before, after] = [layers.slice(0, Number(count)), layers.slice(Number(count))];
      compareRoots(LowerDirectory.ofLayers(before), LowerDirectory.ofLayers(after), writer);
    }
    return 0;
  } catch (error) {
    writeFully(stderr, Buffer.from(messageOf(error)));
    return 1;
  }
}
