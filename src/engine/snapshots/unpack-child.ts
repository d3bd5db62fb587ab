/**
 * The process that unpacks one layer: archive on stdin, one line of JSON on stdout, the layer's directory as its root.
 * A process of its own, because the kernel then guards the root, the engine's heap and event loop stay free, and all
 * that it took is given back at its end. It ends with the engine.
 */
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf, messageOf } from '../../lib/errors.ts';
import { type Digest, Digester } from '../../oci/image/digest.ts';
import { decompress } from '../../oci/layer/compression.ts';
import { untar } from '../../oci/layer/untar.ts';
import { syncFilesystem, writeFully } from '../linux/file.ts';
import { clearUmask, dieWithParent, enterRoot } from '../linux/process.ts';
import { type AppliedLayer, applyLayer } from './apply-layer.ts';

/** What the child says: the layer, or what was wrong and whose fault it is. */
export type UnpackReport =
  | (AppliedLayer & { readonly diffId: Digest })
  | { readonly error: string; readonly kind: 'corrupt' | 'unsupported' | 'unavailable' };

/** `argv`: `… @unpack DIRECTORY`. @returns the exit code. */
export async function runUnpackChild(argv: readonly string[] = process.argv): Promise<number> {
  const report = await unpack(argv[argv.indexOf('@unpack') + 1] ?? '');
  writeFully(1, Buffer.from(JSON.stringify(report)));
  return 'error' in report ? 1 : 0;
}

async function unpack(directory: string): Promise<UnpackReport> {
  dieWithParent();
  clearUmask();
  enterRoot(directory);
  try {
    const digester = new Digester();
    const applied = await applyLayer(untar(hashed(decompress(input()), digester)));
    // Once for the whole layer; the row that makes it visible is written after this.
    syncFilesystem('/');
    return { ...applied, diffId: digester.digest() };
  } catch (error) {
    return { error: describe(error), kind: kindOf(error) };
  }
}

const readFrom = promisify(read);
const stdin = 0;
const readSize = 256 * 1024;

/**
 * Standard input in large pieces, the next one read on the thread pool while this one is used. Bun's own stream of it
 * takes a turn of the event loop for each bit that the pipe holds, and there are few turns while files are written.
 */
async function* input(): AsyncGenerator<Uint8Array, void, undefined> {
  let next = readSome();
  next.catch(() => undefined);
  for (let chunk = await next; chunk.length > 0; chunk = await next) {
    next = readSome();
    next.catch(() => undefined);
    yield chunk;
  }
}

async function readSome(): Promise<Uint8Array> {
  const { bytesRead, buffer } = await readFrom(stdin, Buffer.allocUnsafeSlow(readSize), 0, readSize, null);
  return buffer.subarray(0, bytesRead);
}

/** The bytes as they pass; all of them, since untar reads to the end. */
async function* hashed(
  source: AsyncIterable<Uint8Array>,
  digester: Digester,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    digester.update(chunk);
    yield chunk;
  }
}

/** The machine's own troubles; any other failure is the archive's. */
const machineErrors = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'ENOMEM',
  'EMFILE',
  'ENFILE',
  'EPERM',
  'EACCES',
]);

/** The one trouble of the machine that its owner can mend is told in words. */
function describe(error: unknown): string {
  const code = errnoOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'no space left on device' : messageOf(error);
}

function kindOf(error: unknown): 'corrupt' | 'unsupported' | 'unavailable' {
  if (machineErrors.has(errnoOf(error) ?? '')) return 'unavailable';
  return error instanceof Error && error.name === 'UnsupportedError' ? 'unsupported' : 'corrupt';
}
