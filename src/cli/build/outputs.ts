/** --output, --push and --load: where the image goes once it is built. Words and messages are buildx's. */
import { stat } from 'node:fs/promises';
import { InvalidError, NotFoundError, UnsupportedError } from '../../lib/errors.ts';
import { splitFields } from '../../lib/csv.ts';
import { splitOnce } from '../commands/container/create-values.ts';
import type { Output } from '../output.ts';

/** `image` is in the engine when the build is over: nothing more is to be done. */
export type BuildOutput =
  | { readonly type: 'image'; readonly names: readonly string[]; readonly isPushed: boolean }
  /** A file; `-` is stdout. */
  | { readonly type: 'oci' | 'docker' | 'tar'; readonly path: string }
  | { readonly type: 'local'; readonly path: string };

interface Wanted {
  readonly output: readonly string[];
  readonly push: boolean;
  readonly load: boolean;
  readonly tag: readonly string[];
  readonly platforms: readonly string[];
}

/** @throws InvalidError, UnsupportedError, NotFoundError before anything is built. */
export async function readOutputs(wanted: Wanted, out: Output): Promise<readonly BuildOutput[]> {
  const outputs = wanted.output.filter((text) => text !== '').map((text) => parseOutput(text));
  if (wanted.push) outputs.push({ type: 'image', names: [], isPushed: true });
  const hasName =
    wanted.tag.length > 0 || outputs.some((each) => each.type === 'image' && each.names.length > 0);
  if (!hasName && outputs.some((each) => each.type === 'image' && each.isPushed)) {
    throw new InvalidError('tag is needed when pushing to registry');
  }
  if (outputs.filter((each) => 'path' in each && each.path === '-').length > 1) {
    throw new InvalidError('multiple outputs configured to write to stdout');
  }
  for (const each of outputs) await checkPlace(each, out);
  if (wanted.platforms.length > 1) requireForSeveral(outputs, wanted.load);
  return outputs;
}

/** Several platforms have no place in the engine, where a name is of one image. @throws UnsupportedError */
function requireForSeveral(outputs: readonly BuildOutput[], isLoaded: boolean): void {
  const isKept =
    isLoaded || outputs.length === 0 || outputs.some((each) => each.type === 'image' && !each.isPushed);
  if (isKept) {
    throw new UnsupportedError(
      'the engine keeps images of one platform: a build for several needs --push, or --output type=oci, local or tar',
    );
  }
  if (outputs.some(({ type }) => type === 'docker'))
    throw new UnsupportedError('docker exporter does not currently support exporting manifest lists');
}

/** `type=local,dest=DIR`; a path alone is a directory, `-` alone a tar on stdout. */
function parseOutput(text: string): BuildOutput {
  const fields = splitFields(text);
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type=')) {
    return text === '-' ? { type: 'tar', path: '-' } : { type: 'local', path: text };
  }
  const values: Record<string, string> = {};
  for (const field of fields) {
    const [name, value] = splitOnce(field, '=');
    if (value === undefined) throw new InvalidError(`invalid value ${field}`);
    values[name.trim().toLowerCase()] = value;
  }
  return outputOf(values);
}

function outputOf(values: Readonly<Record<string, string>>): BuildOutput {
  const { type, dest } = values;
  const names = (values['name'] ?? '').split(',').filter(Boolean);
  switch (type) {
    case undefined:
      throw new InvalidError('type is required for output');
    case 'image':
      return { type, names, isPushed: values['push'] === 'true' };
    case 'registry':
      return { type: 'image', names, isPushed: true };
    case 'docker':
      return dest === undefined ? { type: 'image', names, isPushed: false } : { type, path: dest };
    case 'oci':
    case 'tar':
      return { type, path: dest ?? '-' };
    case 'local':
      if (dest === undefined) throw new InvalidError('dest is required for local exporter');
      if (dest === '-') throw new InvalidError('dest cannot be stdout for local exporter');
      return { type, path: dest };
    case 'cacheonly':
      throw new UnsupportedError(
        'output of type cacheonly is not supported: leave --output out, and the image stays in the engine',
      );
    default:
      throw new InvalidError(`unsupported output type ${JSON.stringify(type)}`);
  }
}

async function checkPlace(output: BuildOutput, out: Output): Promise<void> {
  if (output.type === 'image') return;
  const { type, path } = output;
  if (path === '-') {
    if (!out.isTerminal) return;
    throw new InvalidError(`dest file is required for ${type} exporter. refusing to write to console`);
  }
  const found = await stat(path).catch(() => undefined);
  if (type === 'local') {
    if (found && !found.isDirectory()) throw new InvalidError(`destination directory ${path} is a file`);
    return;
  }
  if (found?.isDirectory() === true) throw new InvalidError(`destination file ${path} is a directory`);
  const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '.';
  if (!(await stat(parent).catch(() => undefined))) {
    throw new NotFoundError(`invalid destination file: ${path}: no such file or directory`);
  }
}
