/**
 * How far an upload has come, as one object of the store: `uploads/ID/state`. It is replaced as a whole, so the parts, the hash over
 * them and the bytes that are no part yet always belong together, and any copy of the hub goes on from it.
 * The object is a line of JSON and, behind it, the bytes.
 */
import { z } from 'zod';
import { UnavailableError } from '../../lib/errors.ts';
import type { S3Client } from './s3-client.ts';

export interface UploadState {
  /** Of the parts; undefined while there are none. */
  readonly upload: { readonly key: string; readonly uploadId: string } | undefined;
  readonly etags: readonly string[];
  /** Of the whole, those behind the parts included. */
  readonly size: number;
  /** Of all `size` bytes. */
  readonly hash: Uint8Array;
  /** What is no part yet: a store takes none of less than 5 MiB. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

const sizeHeader = 'x-amz-meta-size';
const newline = 10;

const form = z.object({
  upload: z.object({ key: z.string(), uploadId: z.string() }).optional(),
  etags: z.array(z.string()),
  size: z.number(),
  hash: z.base64(),
  /** How many bytes follow. What an older copy of the hub has written does not say. */
  rest: z.number().optional(),
});

export function stateKey(id: string): string {
  return `uploads/${id}/state`;
}

export async function saveState(client: S3Client, id: string, state: UploadState): Promise<void> {
  const { rest, hash, ...told } = state;
  const line = `${JSON.stringify({ ...told, hash: Buffer.from(hash).toString('base64'), rest: rest.byteLength })}\n`;
  const body = new Uint8Array(Buffer.concat([Buffer.from(line), rest]));
  await client.call('PUT', stateKey(id), { headers: { [sizeHeader]: String(state.size) }, body });
}

/** Undefined where there is none. */
export async function loadState(client: S3Client, id: string): Promise<UploadState | undefined> {
  const found = await client.find('GET', stateKey(id));
  if (!found) return undefined;
  const end = found.body.indexOf(newline);
  const { data } = form.safeParse(parseJson(new TextDecoder().decode(found.body.subarray(0, end))));
  const rest = found.body.slice(end + 1);
  if (!data || rest.byteLength !== (data.rest ?? rest.byteLength))
    throw new UnavailableError(
      'the blob store gave another state of the upload than was written: try again later',
    );
  const { upload, etags, size, hash } = data;
  return { upload, etags, size, hash: Buffer.from(hash, 'base64'), rest };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The bytes that an upload held when its state was saved; undefined where there is none. */
export async function savedSize(client: S3Client, id: string): Promise<number | undefined> {
  const found = await client.find('HEAD', stateKey(id));
  return found && Number(found.headers.get(sizeHeader));
}
