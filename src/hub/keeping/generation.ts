/**
 * One backup as it lies in its directory: the rows as an SQLite file, the secrets, and last of all the manifest, which says what is
 * there and makes it whole. The blobs that the rows name are beside, shared by all generations.
 */
import { Database as SqliteFile } from 'bun:sqlite';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CorruptError, errnoOf, UnsupportedError } from '../../lib/errors.ts';
import type { BlobInfo } from '../../oci/content/content-store.ts';
import { type Digest, Digester, parseDigest, tryParseDigest } from '../../oci/image/digest.ts';

export const formatVersion = 1;
const manifestName = 'manifest.json';

const digest = z.string().transform((text, context): Digest => {
  const parsed = tryParseDigest(text);
  if (parsed) return parsed;
  context.addIssue('not a digest');
  return z.NEVER;
});
/** Below the directory of secrets; it leads nowhere else. */
const relativePath = z.string().regex(/^(?!\.\.?(?:\/|$))[^/\0]+(?:\/(?!\.\.?(?:\/|$))[^/\0]+)*$/);
const size = z.number().int().nonnegative();
const fileForm = z.strictObject({ path: relativePath, size, digest });

const manifestForm = z.looseObject({
  formatVersion: z.literal(formatVersion),
  /** ISO 8601. */
  createdAt: z.iso.datetime(),
  /** Of the tables: a program that knows only older ones can't restore them. */
  schemaVersion: z.number().int(),
  database: fileForm,
  secrets: z.array(fileForm),
  blobs: z.strictObject({ count: size, bytes: size }),
  /** What the hub itself had no right bytes of. */
  damaged: z.array(z.strictObject({ digest, size, kind: z.enum(['missing', 'changed']) })),
});

export type BackupManifest = z.infer<typeof manifestForm>;
export type BackupFile = z.infer<typeof fileForm>;

export const databaseName = 'hub.sqlite';
const secretsName = 'secrets';

export class Generation {
  /** A number that counts up, and the time: `000007-2026-11-27T02-33-00Z`. */
  readonly name: string;
  readonly directory: string;

  constructor(parent: string, name: string) {
    this.name = name;
    this.directory = join(parent, name);
  }

  get databasePath(): string {
    return join(this.directory, databaseName);
  }

  get secretsDirectory(): string {
    return join(this.directory, secretsName);
  }

  get manifestPath(): string {
    return join(this.directory, manifestName);
  }

  /** Undefined for one that was cut off. @throws CorruptError, UnsupportedError */
  async manifest(): Promise<BackupManifest | undefined> {
    let text: string;
    try {
      text = await readFile(this.manifestPath, 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    return parseManifestText(text, this.manifestPath);
  }

  /** Every blob that the rows name, once. */
  *blobs(): Generator<BlobInfo, void, undefined> {
    using file = new SqliteFile(this.databasePath, { readonly: true });
    const rows = file.query<{ digest: string; size: number }, []>(
      'SELECT digest, max(size) AS size FROM repository_blobs GROUP BY digest',
    );
    for (const { digest: text, size: bytes } of rows.iterate())
      yield { digest: parseDigest(text), size: bytes };
  }

  /** @throws CorruptError where a file is not what the manifest says. */
  async verify({ database, secrets }: BackupManifest): Promise<void> {
    const files = [
      { path: this.databasePath, expected: database },
      ...secrets.map((each) => ({ path: join(this.secretsDirectory, each.path), expected: each })),
    ];
    for (const { path, expected } of files) {
      const found = await describeFile(path).catch(() => undefined);
      if (found?.digest === expected.digest && found.size === expected.size) continue;
      throw new CorruptError(`cannot use the backup ${this.name}: ${path} is damaged or missing`);
    }
  }
}

export async function describeFile(
  path: string,
): Promise<{ readonly size: number; readonly digest: Digest }> {
  const digester = new Digester();
  for await (const chunk of Bun.file(path).stream()) digester.update(chunk);
  return { size: digester.size, digest: digester.digest() };
}

/** Of an SQLite file with the hub's tables. */
export function schemaVersionOf(path: string): number {
  using file = new SqliteFile(path, { readonly: true });
  return file.query<{ version: number }, []>('SELECT version FROM schema_version').get()?.version ?? 0;
}

function parseManifestText(text: string, path: string): BackupManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CorruptError(`cannot read ${path}: it is no JSON`, { cause });
  }
  const version = z.looseObject({ formatVersion: z.number() }).safeParse(value);
  if (version.success && version.data.formatVersion > formatVersion) {
    throw new UnsupportedError(`cannot read ${path}: a newer version of cais has written it`);
  }
  const parsed = manifestForm.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CorruptError(`cannot read ${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}
