/**
 * The process that unpacks one layer: archive on stdin, one line of JSON on stdout, the layer's directory as its root.
 * A process of its own, because the kernel then guards the root, the engine's heap and event loop stay free, and all
 * that it took is given back at its end. It ends with the engine.
 */
import type { Digest } from '../../oci/image/digest.ts';
import { untar } from '../../oci/layer/untar.ts';
import { closeFile, syncFilesystem, writeFully } from '../linux/file.ts';
import { clearUmask, dieWithParent, enterRoot } from '../linux/process.ts';
import { type AppliedLayer, applyLayer } from './apply-layer.ts';
import { LayerSource } from '../../oci/layer/layer-source.ts';
import { type LayerFailure, layerFailure } from '../../oci/layer/layer-failure.ts';

/** What the child says: the layer, or what was wrong and whose fault it is. */
export type UnpackReport = (AppliedLayer & { readonly diffId: Digest }) | LayerFailure;

const stdout = 1;
const stderr = 2;

/**
 * `argv`: `… @unpack DIRECTORY`. It reports when all is written, and ends when all is on disk.
 * @returns the exit code: 0 for a layer on disk.
 */
export function runUnpackChild(argv: readonly string[] = process.argv): number {
  const report = unpack(argv[argv.indexOf('@unpack') + 1] ?? '');
  writeFully(stdout, Buffer.from(JSON.stringify(report)));
  closeFile(stdout);
  return 'error' in report || !sync() ? 1 : 0;
}

/** Once for the whole layer. @returns false when that failed; standard error says why. */
function sync(): boolean {
  try {
    syncFilesystem('/');
    return true;
  } catch (error) {
    writeFully(stderr, Buffer.from(layerFailure(error).error));
    return false;
  }
}

function unpack(directory: string): UnpackReport {
  dieWithParent();
  clearUmask();
  const source = new LayerSource({ digests: true });
  enterRoot(directory);
  try {
    const applied = applyLayer(untar(source.next));
    // An archive that was taken apart was read to its end, trailing bytes included.
    return { ...applied, diffId: source.diffId };
  } catch (error) {
    // Bytes that could not be read on make a broken archive: that reason comes first.
    return source.failure ?? layerFailure(error);
  }
}
