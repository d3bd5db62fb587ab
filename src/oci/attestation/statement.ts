/**
 * in-toto statements: a claim (the predicate) about things named by their digest (the subject).
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md. Pure.
 */
import { z } from 'zod';
import { CorruptError } from '../../lib/errors.ts';
import { packageUrl } from '../../lib/package-url.ts';
import { algorithmOf, type Digest, hexOf } from '../image/digest.ts';
import { formatPlatform, type Platform } from '../image/platform.ts';
import { familiarRepository, type Reference } from '../image/reference.ts';

export const statementMediaType = 'application/vnd.in-toto+json';

/** Of a layer that holds a statement: what kind of claim is in it. */
export const predicateTypeAnnotation = 'in-toto.io/predicate-type';

export const predicateTypes = {
  provenanceV1: 'https://slsa.dev/provenance/v1',
  provenanceV02: 'https://slsa.dev/provenance/v0.2',
  spdx: 'https://spdx.dev/Document',
} as const;

/** BuildKit's limit for one attestation. */
export const maxStatementSize = 40 * 1024 * 1024;

/** A claim that has no subject yet: it is made when the build ends, the manifest when the image is sent. */
export interface Predicate {
  readonly type: string;
  /** JSON. */
  readonly text: string;
}

export interface Statement {
  readonly predicateType: string;
  readonly predicate: unknown;
}

/** What a claim is about. */
export interface Subject {
  /** An image's package URL, a file's path. */
  readonly name?: string;
  readonly digest: Digest;
}

export function encodeStatement({ type, text }: Predicate, subjects: readonly Subject[]): Uint8Array {
  const head = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: type,
    subject: subjects.map(({ name, digest }) => ({ name, digest: { [algorithmOf(digest)]: hexOf(digest) } })),
  });
  return new TextEncoder().encode(`${head.slice(0, -1)},"predicate":${text}}`);
}

/** An image as a package URL, as BuildKit has it. */
export function imagePackageUrl({ tag, digest, ...name }: Reference, platform: Platform): string {
  const path = familiarRepository(name).split('/');
  return packageUrl({
    type: 'docker',
    namespace: path.slice(0, -1).join('/'),
    name: path.at(-1) ?? '',
    version: digest === undefined ? (tag ?? 'latest') : tag,
    qualifiers: { digest, platform: formatPlatform(platform) },
  });
}

const envelopeSchema = z.object({ payload: z.base64() });
const statementSchema = z.looseObject({ predicateType: z.string(), predicate: z.unknown() });

/** Reads a statement, bare or in a DSSE envelope (whose signatures nobody checks here). @throws CorruptError */
export function parseStatement(bytes: Uint8Array): Statement {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const envelope = envelopeSchema.safeParse(value);
    const text = envelope.success && new TextDecoder().decode(Uint8Array.fromBase64(envelope.data.payload));
    return statementSchema.parse(text === false ? value : JSON.parse(text));
  } catch (cause) {
    throw new CorruptError('the attestation is not an in-toto statement', { cause });
  }
}
