/**
 * What a build says about files, beside them: a statement for each claim, whose subjects are the files.
 * https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
import { createReadStream } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encodeStatement,
  type Predicate,
  predicateTypes,
  type Subject,
} from '../../../oci/attestation/statement.ts';
import { Digester } from '../../../oci/image/digest.ts';

/** As BuildKit calls them, by the kind of attestation that was asked for. */
const fileNames = new Map([
  ['provenance', 'provenance.json'],
  ['sbom', 'sbom.spdx.json'],
]);

/** @param root writable, and nobody else's. @param types of those that are wanted. @param prefix of the names. */
export async function attestFiles(
  root: string,
  predicates: readonly Predicate[],
  { types, prefix }: { readonly types: readonly string[]; readonly prefix: string },
  signal: AbortSignal,
): Promise<void> {
  const wanted = predicates.filter(({ type }) => types.includes(kindOf(type)));
  if (wanted.length === 0) return;
  const subjects = await Array.fromAsync(subjectsIn(root, '', signal));
  for (const predicate of wanted) {
    const path = join(root, `${prefix}${fileNames.get(kindOf(predicate.type))}`);
    const statement: unknown = JSON.parse(new TextDecoder().decode(encodeStatement(predicate, subjects)));
    // What the image has of that name may be a link that leads elsewhere.
    await rm(path, { force: true, recursive: true });
    await writeFile(path, JSON.stringify(statement, undefined, 2), { flag: 'wx', mode: 0o644 });
  }
}

function kindOf(predicateType: string): string {
  return predicateType === predicateTypes.spdx ? 'sbom' : 'provenance';
}

/** Regular files, in the order of their names; no link is followed. */
async function* subjectsIn(
  root: string,
  directory: string,
  signal: AbortSignal,
): AsyncGenerator<Subject, void, undefined> {
  const entries = await readdir(join(root, directory), { withFileTypes: true });
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    signal.throwIfAborted();
    const name = join(directory, entry.name);
    if (entry.isDirectory()) yield* subjectsIn(root, name, signal);
    if (!entry.isFile()) continue;
    const digester = new Digester();
    for await (const chunk of createReadStream(join(root, name))) digester.update(chunk as Buffer);
    yield { name, digest: digester.digest() };
  }
}
