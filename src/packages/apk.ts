/**
 * apk's database: `lib/apk/db/installed` has a paragraph of one-letter fields for each package and its files (apk-tools
 * v2's format, which v3 still writes); `etc/apk/world` is what was asked for.
 */
import type { Package } from './package.ts';

export const apkPaths = {
  installed: 'lib/apk/db/installed',
  /** Where usr is merged (Alpine from 3.23 on). */
  mergedInstalled: 'usr/lib/apk/db/installed',
  world: 'etc/apk/world',
} as const;

export interface ApkPackage extends Package {
  /** Without the slash in front; directories are not listed. */
  readonly files: readonly ApkFile[];
}

interface ApkFile {
  readonly path: string;
  /** `Q1` and base64 of the content's SHA-1, or of the link's target. */
  readonly checksum?: string;
}

export function parseApkInstalled(text: string): ApkPackage[] {
  return text.split(/\n[ \t]*\n/).flatMap((paragraph) => {
    const read = readParagraph(paragraph);
    const name = read.fields.get('P');
    const version = read.fields.get('V');
    return name === undefined || version === undefined ? [] : [packageOf(read, name, version)];
  });
}

interface Paragraph {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: readonly ApkFile[];
}

/** F is a directory, each R after it a file there, and Z the checksum of the file before it. */
function readParagraph(paragraph: string): Paragraph {
  const fields = new Map<string, string>();
  const files: { path: string; checksum?: string }[] = [];
  let directory = '';
  for (const line of paragraph.split('\n')) {
    if (line[1] !== ':') continue;
    const value = line.slice(2);
    const letter = line.slice(0, 1);
    if (letter === 'F') directory = value;
    else if (letter === 'R') files.push({ path: directory === '' ? value : `${directory}/${value}` });
    else if (letter === 'Z') Object.assign(files.at(-1) ?? {}, { checksum: value });
    else if (!fields.has(letter)) fields.set(letter, value);
  }
  return { fields, files };
}

function packageOf({ fields, files }: Paragraph, name: string, version: string): ApkPackage {
  const optional = {
    architecture: fields.get('A'),
    licence: fields.get('L'),
    maintainer: fields.get('m'),
    homepage: fields.get('U'),
    description: fields.get('T'),
  };
  const origin = fields.get('o');
  return {
    kind: 'apk',
    name,
    version,
    files,
    ...(origin !== undefined && { source: { name: origin, version } }),
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value)) as Partial<Package>),
  };
}

/** What was asked for, a constraint in each: `curl`, `nginx=1.26.2-r0`, `!mawk`. */
export function parseWorld(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
