/**
 * A package in rpm's database: an index of tags and the values that they point at, all in network order.
 * https://rpm-software-management.github.io/rpm/manual/format_header.html. Hostile: every offset is checked.
 */
import type { Package } from '../package.ts';

const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  vendor: 1011,
  licence: 1014,
  packager: 1015,
  url: 1020,
  architecture: 1022,
  sourceRpm: 1044,
} as const;

const int32 = 4;
const string = 6;
const stringArray = 8;
const translatedString = 9;

const entrySize = 16;
/** rpm's own limit is 65,535 tags. */
const mostEntries = 65_536;

/** @returns undefined for what is no header of an installed package: keys that rpm keeps among them, broken bytes. */
export function parseRpmHeader(blob: Uint8Array): Package | undefined {
  const fields = readFields(blob);
  const text = (tag: number): string | undefined => {
    const value = fields.get(tag);
    return typeof value === 'string' && value !== '' && value !== '(none)' ? value : undefined;
  };
  const [name, version, release] = [text(tags.name), text(tags.version), text(tags.release)];
  if (name === undefined || version === undefined || name === 'gpg-pubkey') return undefined;
  const epoch = fields.get(tags.epoch);
  const sourceRpm = text(tags.sourceRpm);
  const optional = {
    architecture: text(tags.architecture),
    licence: text(tags.licence),
    maintainer: text(tags.packager) ?? text(tags.vendor),
    homepage: text(tags.url),
    description: text(tags.summary),
  };
  return {
    kind: 'rpm',
    name,
    version: `${epoch === undefined ? '' : `${epoch}:`}${version}${release === undefined ? '' : `-${release}`}`,
    ...(sourceRpm !== undefined && { source: sourceOf(sourceRpm) }),
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value)) as Partial<Package>),
  };
}

/** `bash-5.2.26-3.fc40.src.rpm`. */
function sourceOf(file: string): NonNullable<Package['source']> {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file) ?? [];
  return name === undefined || version === undefined ? { name: file } : { name, version };
}

function readFields(blob: Uint8Array): ReadonlyMap<number, string | number> {
  const fields = new Map<number, string | number>();
  if (blob.byteLength < 8) return fields;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const count = view.getUint32(0);
  const store = 8 + count * entrySize;
  if (count > mostEntries || store > blob.byteLength) return fields;
  const wanted = new Set<number>(Object.values(tags));
  for (let at = 8; at < store; at += entrySize) {
    const tag = view.getUint32(at);
    const offset = store + view.getUint32(at + 8);
    if (!wanted.has(tag) || offset >= blob.byteLength) continue;
    const value = readValue(blob, view, view.getUint32(at + 4), offset);
    if (value !== undefined) fields.set(tag, value);
  }
  return fields;
}

function readValue(
  blob: Uint8Array,
  view: DataView,
  type: number,
  offset: number,
): string | number | undefined {
  if (type === int32) return offset + 4 <= blob.byteLength ? view.getUint32(offset) : undefined;
  if (type !== string && type !== stringArray && type !== translatedString) return undefined;
  const end = blob.indexOf(0, offset);
  return end === -1 ? undefined : new TextDecoder().decode(blob.subarray(offset, end));
}
