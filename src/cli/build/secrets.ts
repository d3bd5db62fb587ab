/** --secret: what a RUN may read and nothing keeps. Values stay bytes: a key is no text. */
import { readFile, stat } from 'node:fs/promises';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { splitFields } from '../../lib/csv.ts';
import { splitOnce } from '../commands/container/create-values.ts';
import type { CliConfig } from '../config.ts';

/** BuildKit's own bound. https://github.com/moby/buildkit/blob/master/session/secrets/secretsprovider/store.go */
const largest = 500 * 1024;

/** The secrets by their ids, as base64. @throws InvalidError, NotFoundError */
export async function readSecrets(
  texts: readonly string[],
  variables: CliConfig['variables'],
): Promise<Readonly<Record<string, string>>> {
  const entries = texts.map((text) => parseSecret(text));
  const values = await Promise.all(entries.map((entry) => valueOf(entry, variables)));
  return Object.fromEntries(entries.map(({ id }, at) => [id, values[at]?.toString('base64') ?? '']));
}

interface SecretEntry {
  readonly id: string;
  readonly file?: string;
  readonly variable?: string;
}

function parseSecret(text: string): SecretEntry {
  const fields: Record<string, string> = {};
  for (const field of splitFields(text)) {
    const [name, value] = splitOnce(field, '=');
    if (value === undefined) throw new InvalidError(`invalid field '${field}' must be a key=value pair`);
    const key = name.toLowerCase() === 'source' ? 'src' : name.toLowerCase();
    if (!['type', 'id', 'src', 'env'].includes(key)) {
      throw new InvalidError(`unexpected key '${key}' in '${field}'`);
    }
    fields[key] = value;
  }
  const { type, src, env } = fields;
  if (type !== undefined && !['file', 'env'].includes(type)) {
    throw new InvalidError(`unsupported secret type ${JSON.stringify(type)}`);
  }
  const variable = env ?? (type === 'env' ? src : undefined);
  const id = fields['id'];
  if (!id) throw new InvalidError('secret missing ID');
  return { id, ...(variable === undefined ? src !== undefined && { file: src } : { variable }) };
}

/** Without a source the variable of the id's name, else the file of that name. */
async function valueOf(
  { id, file, variable }: SecretEntry,
  variables: CliConfig['variables'],
): Promise<Buffer> {
  const name = variable ?? (file === undefined && variables[id] !== undefined ? id : undefined);
  if (name === undefined) return await readSecretFile(file ?? id);
  const value = variables[name];
  if (value === undefined) throw new NotFoundError(`secret ${id}: the variable ${name} is not set`);
  return Buffer.from(value);
}

async function readSecretFile(path: string): Promise<Buffer> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new NotFoundError(`failed to stat ${path}: stat ${path}: no such file or directory`, { cause });
  });
  if (found.size > largest) throw new InvalidError(`secret file ${path} is larger than ${largest} bytes`);
  return await readFile(path);
}
