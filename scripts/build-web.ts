/**
 * Bundles and compresses the pages into dist/web, and writes dist/web/embedded.js, the list that the compiled program embeds.
 * Run before `bun build --compile`:   bun scripts/build-web.ts
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type BundledFile, bundlePages } from '../src/web/serving/bundle.ts';
import type { Encoding } from '../src/web/serving/asset.ts';

const output = join(import.meta.dir, '..', 'dist', 'web');

/** Compressed only where that saves something: not for fonts and images that are compressed already. */
function encode({ bytes }: BundledFile): Partial<Record<Encoding, Uint8Array>> {
  const br = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  if (br.length > bytes.length * 0.9) return { identity: bytes };
  return { identity: bytes, br, gzip: gzipSync(bytes, { level: 9 }) };
}

await mkdir(output, { recursive: true });

// Files are written before what lists them and removed after it: a build that runs at the same time finds all it reads.
const written = new Set(['embedded.js']);
const imports: string[] = [];
const files: string[] = [];
let scriptSize = 0;
for (const file of await bundlePages()) {
  const names: string[] = [];
  for (const [encoding, bytes] of Object.entries(encode(file))) {
    const name = `${file.path.replaceAll('/', '_').slice(1)}.${encoding}`;
    const variable = `file${imports.length}`;
    await Bun.write(join(output, name), bytes);
    written.add(name);
    imports.push(`import ${variable} from './${name}' with { type: 'file' };`);
    names.push(`${encoding}: ${variable}`);
    if (encoding === 'gzip' && file.type.startsWith('text/javascript')) scriptSize += bytes.length;
  }
  files.push(`  { path: '${file.path}', type: '${file.type}', ${names.join(', ')} },`);
}
const list = join(output, 'embedded.js');
await Bun.write(`${list}.new`, `${imports.join('\n')}\n\nexport const files = [\n${files.join('\n')}\n];\n`);
await rename(`${list}.new`, list);
for (const name of await readdir(output)) {
  if (!written.has(name)) await rm(join(output, name), { force: true });
}
console.log(`dist/web: ${files.length} files, ${Math.round(scriptSize / 1000)} kB of script (gzip)`);
