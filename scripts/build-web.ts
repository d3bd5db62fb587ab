/**
 * Bundles and compresses the pages into dist/web, and writes dist/web/embedded.js, the list that the compiled program embeds.
 * Run before `bun build --compile`:   bun scripts/build-web.ts
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundlePages } from '../src/web/serving/bundle.ts';
import { encode } from '../src/web/serving/encode.ts';

const output = join(import.meta.dir, '..', 'dist', 'web');

await mkdir(output, { recursive: true });

// Files are written before what lists them and removed after it: a build that runs at the same time finds all it reads.
const written = new Set(['embedded.js']);
const imports: string[] = [];
const files: string[] = [];
let scriptSize = 0;
for (const file of await bundlePages()) {
  const names: string[] = [];
  for (const [encoding, bytes] of Object.entries(encode(file.bytes))) {
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
