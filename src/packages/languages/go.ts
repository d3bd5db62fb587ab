/** Modules of Go: `go.mod`, and what a program says that it was built of. */
import type { Package } from '../package.ts';

/** `require` lines, alone or in a block; what is `replace`d is not followed. https://go.dev/ref/mod#go-mod-file */
export function parseGoMod(text: string): Package[] {
  return [
    ...text.matchAll(/^\s*(?:require\s+)?([^\s()"]+\.[^\s()"]*\/?[^\s()"]*)\s+(v\d[^\s/]*)(?:\s*\/\/.*)?$/gm),
  ].flatMap(([, name, version]) => goModule(name, version));
}

const marker = '\xff Go buildinf:';
/** A section of it alone, or the data section of a small program. */
const longestText = 1024 * 1024;
const hasInlineText = 2;

/**
 * The modules of a program, of its section `.go.buildinfo`, as Go writes it since 1.18.
 * https://pkg.go.dev/debug/buildinfo
 */
export function parseGoBuildInfo(section: Uint8Array): Package[] {
  const bytes = Buffer.from(section.buffer, section.byteOffset, section.byteLength);
  const at = bytes.indexOf(marker, 0, 'latin1');
  if (at === -1 || at + 32 > bytes.byteLength || ((bytes[at + 15] ?? 0) & hasInlineText) === 0) return [];
  const compiler = readText(bytes, at + 32);
  const modules = compiler && readText(bytes, compiler.end);
  if (!compiler || !modules) return [];
  // Sixteen bytes before and after it say where it begins and ends.
  const lines = modules.text.slice(16, -16).split('\n');
  const [, version] = /^go(\d\S*)/.exec(compiler.text) ?? [];
  const own: Package[] = version === undefined ? [] : [{ kind: 'golang', name: 'stdlib', version }];
  return [...own, ...modulesOf(lines)];
}

/** `mod` is the program's own module, `dep` another, and `=>` below one what was taken in its place. */
function modulesOf(lines: readonly string[]): Package[] {
  const found: Package[] = [];
  for (const line of lines) {
    const [word, name, version] = line.split('\t');
    if (word === '=>') found.splice(-1, 1, ...goModule(name, version));
    else if (word === 'dep' || (word === 'mod' && version !== '(devel)'))
      found.push(...goModule(name, version));
  }
  return found;
}

function readText(bytes: Buffer, start: number): { readonly text: string; readonly end: number } | undefined {
  let length = 0;
  let at = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined || shift > 28) return undefined;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const end = at + length;
  return length > longestText || end > bytes.byteLength
    ? undefined
    : { text: bytes.toString('latin1', at, end), end };
}

function goModule(name: string | undefined, version: string | undefined): Package[] {
  return name && version && /^v\d/.test(version) ? [{ kind: 'golang', name, version }] : [];
}
