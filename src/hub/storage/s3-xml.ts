/** The documents of the S3 protocol: read, and the one that is written. */
import { XMLParser } from 'fast-xml-parser';
import { UnavailableError } from '../../lib/errors.ts';

const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => name === 'Contents' || name === 'Upload',
});

type Fields = Readonly<Record<string, unknown>>;

/** The fields below the root. @throws UnavailableError when the root is another one. */
export function readXml(body: Uint8Array, root: string): Fields {
  const found = parse(body)[root];
  if (typeof found === 'object' && found !== null) return found as Fields;
  // An empty list may be an empty element.
  if (found === '') return {};
  throw new UnavailableError(`the blob store answered without a ${root}`);
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new UnavailableError(`the blob store answered without a ${name}`);
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? (value as Fields[]) : [];
}

/** Undefined when this is no error. */
export function errorCodeOf(body: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(body.subarray(0, 400));
  if (!text.includes('<Error')) return undefined;
  const error = parse(body)['Error'] as Fields | undefined;
  return error ? String(error['Code']) : undefined;
}

/** The parts of an upload, in their order, by what the store called them. */
export function completeXml(etags: readonly string[]): string {
  const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escape(etag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
}

function parse(body: Uint8Array): Fields {
  try {
    return parser.parse(Buffer.from(body)) as Fields;
  } catch (cause) {
    throw new UnavailableError('the blob store answered with what is no XML', { cause });
  }
}
