/** The encodings of a file of the pages, made ahead: by scripts/build-web.ts, and where tests measure what a browser loads. */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** The file as it is, and compressed where that saves something: not fonts and images that are compressed already. */
interface Encoded {
  readonly identity: Uint8Array<ArrayBuffer>;
  readonly br?: Uint8Array<ArrayBuffer>;
  readonly gzip?: Uint8Array<ArrayBuffer>;
}

/** @param quality of brotli; the best is worth its time only once for each build. */
export function encode(
  bytes: Uint8Array<ArrayBuffer>,
  quality: number = constants.BROTLI_MAX_QUALITY,
): Encoded {
  const br = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  if (br.length > bytes.length * 0.9) return { identity: bytes };
  return { identity: bytes, br: new Uint8Array(br), gzip: new Uint8Array(gzipSync(bytes, { level: 9 })) };
}
