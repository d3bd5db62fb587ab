/** --output, --push and --load: where the image goes once it is built. Words and messages are buildx's. */
import { stat } from 'node:fs/promises';
import { truth } from '../../engine-api/attestations.ts';
import { type LayerCompression, parseCompression } from '../../engine-api/layer-compression.ts';
import { InvalidError, NotFoundError, UnsupportedError } from '../../lib/errors.ts';
import { splitFields } from '../../lib/csv.ts';
import { splitOnce } from '../commands/container/create-values.ts';
import type { Output } from '../output.ts';

/** What manifests and layers are to be like where the image leaves the engine. */
export interface OutputForm {
  readonly compression: LayerCompression | undefined;
  /** Undefined: what the type of output usually has. */
  readonly isOci: boolean | undefined;
}

/** `image` is in the engine when the build is over: nothing more is to be done. */
export type BuildOutput =
  | {
      readonly type: 'image';
      readonly names: readonly string[];
      readonly isPushed: boolean;
      readonly form: OutputForm;
    }
  /** A file; `-` is stdout. */
  | { readonly type: 'oci' | 'docker'; readonly path: string; readonly form: OutputForm }
  | {
      readonly type: 'tar' | 'local';
      readonly path: string;
      /** What the names of the files begin with that say what the build says. */
      readonly attestationPrefix: string;
    };

const usualForm: OutputForm = { compression: undefined, isOci: undefined };

export function isUsual({ compression, isOci }: OutputForm): boolean {
  return compression === undefined && isOci === undefined;
}

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
  if (wanted.push) outputs.push({ type: 'image', names: [], isPushed: true, form: usualForm });
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
  if (outputs.some((each) => 'form' in each && each.form.isOci === false))
    throw new UnsupportedError(
      "oci-mediatypes=false is not supported for several platforms: their index is OCI's",
    );
  if (outputs.some(({ type }) => type === 'docker'))
    throw new UnsupportedError('docker exporter does not currently support exporting manifest lists');
}

/** `type=local,dest=DIR`; a path alone is a directory, `-` alone a tar on stdout. */
function parseOutput(text: string): BuildOutput {
  const fields = splitFields(text);
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type=')) {
    const type = text === '-' ? 'tar' : 'local';
    return { type, path: text, attestationPrefix: '' };
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
      return { type, names, isPushed: values['push'] === 'true', form: formOf(values) };
    case 'registry':
      return { type: 'image', names, isPushed: true, form: formOf(values) };
    case 'docker':
      if (dest === undefined) return { type: 'image', names, isPushed: false, form: formOf(values) };
      return { type, path: dest, form: formOf(values) };
    case 'oci':
      return { type, path: dest ?? '-', form: ociFormOf(values) };
    case 'tar':
      return { type, path: dest ?? '-', attestationPrefix: values['attestation-prefix'] ?? '' };
    case 'local':
      if (dest === undefined) throw new InvalidError('dest is required for local exporter');
      if (dest === '-') throw new InvalidError('dest cannot be stdout for local exporter');
      return { type, path: dest, attestationPrefix: values['attestation-prefix'] ?? '' };
    case 'cacheonly':
      throw new UnsupportedError(
        'output of type cacheonly is not supported: leave --output out, and the image stays in the engine',
      );
    default:
      throw new InvalidError(`unsupported output type ${JSON.stringify(type)}`);
  }
}

function formOf(values: Readonly<Record<string, string>>): OutputForm {
  const isOci = values['oci-mediatypes'];
  return {
    compression: parseCompression(values),
    isOci: isOci === undefined ? undefined : truth(isOci, () => 'failed to parse oci-mediatypes'),
  };
}

function ociFormOf(values: Readonly<Record<string, string>>): OutputForm {
  const form = formOf(values);
  if (form.isOci !== false) return form;
  throw new UnsupportedError('oci-mediatypes=false is not supported with type=oci: use type=docker');
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
