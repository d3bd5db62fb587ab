/** `--log-driver` and `--log-opt`: checked at create, and what they mean for the files that are kept. Pure. */
import type { HostConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';

type LogConfig = HostConfig['LogConfig'];

/** What is kept of a log. */
export interface LogRetention {
  /** Bytes of one file; undefined for no limit. */
  readonly maxSize: number | undefined;
  readonly maxFiles: number;
  /** Files that are full are compressed. */
  readonly compress: boolean;
}

const commonKeys = ['mode', 'max-buffer-size', 'max-size', 'max-file', 'compress'];
const keys: Readonly<Record<string, readonly string[]>> = {
  'json-file': [...commonKeys, 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: commonKeys,
};

/** Docker's own for its `local`. */
const localDefaults = { 'max-size': '20m', 'max-file': '5', compress: 'true' };

/** '' stands for json-file. @throws InvalidError in docker's words; `none` takes any option, and uses none. */
export function validateLogConfig(config: LogConfig): void {
  const driver = config?.Type || 'json-file';
  if (driver === 'none') return;
  const known = keys[driver];
  if (!known) throw new InvalidError(`logger: no log driver named '${driver}' is registered`);
  for (const key of Object.keys(config?.Config ?? {})) {
    if (!known.includes(key)) throw new InvalidError(`unknown log opt '${key}' for ${driver} log driver`);
  }
  validateMode(config?.Config ?? {});
  logRetention(config);
  attributeTest(config?.Config ?? {}, 'labels-regex');
  attributeTest(config?.Config ?? {}, 'env-regex');
}

/** The engine never waits for its monitors' disks: both modes are served alike. */
function validateMode({ mode = 'blocking', 'max-buffer-size': buffer }: Record<string, string>): void {
  if (mode !== '' && mode !== 'blocking' && mode !== 'non-blocking') {
    throw new InvalidError(`logger: logging mode not supported: ${mode}`);
  }
  if (buffer === undefined) return;
  if (mode !== 'non-blocking') {
    throw new InvalidError("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  }
  parseSize(buffer, 'max-buffer-size');
}

/** @throws InvalidError for a value that cannot be one. */
export function logRetention(config: LogConfig): LogRetention {
  const options = { ...(config?.Type === 'local' ? localDefaults : {}), ...config?.Config };
  const maxSize = options['max-size'] === '-1' ? undefined : parseSize(options['max-size'], 'max-size');
  const maxFiles = parseCount(options['max-file']);
  const compress = parseFlag(options['compress']);
  if (config?.Type !== 'local' && compress && (maxFiles < 2 || maxSize === undefined)) {
    throw new InvalidError('compress cannot be true when max-file is less than 2 or max-size is not set');
  }
  // Without a size no file is ever full.
  return { maxSize, maxFiles: maxSize === undefined ? 1 : maxFiles, compress };
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  m: 1000 ** 2,
  g: 1000 ** 3,
  t: 1000 ** 4,
};

/** Decimal, as docker counts them here: 10k is 10000. */
function parseSize(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) throw new InvalidError(`invalid size: '${text}'`);
  const size = Math.floor(Number(digits) * factor);
  if (size <= 0) throw new InvalidError(`${name} must be a positive number`);
  return size;
}

function parseCount(text: string | undefined): number {
  if (text === undefined || text === '') return 1;
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidError(`max-file must be a number: '${text}'`);
  if (Number(text) < 1) throw new InvalidError('max-file cannot be less than 1');
  return Number(text);
}

function parseFlag(text: string | undefined): boolean {
  if (text === undefined || text === '') return false;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new InvalidError(`compress must be true or false: '${text}'`);
}

/**
 * What `--details` puts before each line: `name=value` of the labels and variables that the options name, in order and
 * encoded as in a query, with a space behind.
 */
export function logDetails(
  config: LogConfig,
  labels: Readonly<Record<string, string>>,
  environment: readonly string[],
): string {
  const options = config?.Config ?? {};
  const variables = environment.flatMap((variable): [string, string][] => {
    const equals = variable.indexOf('=');
    return equals === -1 ? [] : [[variable.slice(0, equals), variable.slice(equals + 1)]];
  });
  const chosen = [
    ...Object.entries(labels).filter(([name]) => isChosen(options, 'labels', name)),
    ...variables.filter(([name]) => isChosen(options, 'env', name)),
    ...(options['tag'] ? [['tag', options['tag']] as const] : []),
  ];
  const words = [...new Map(chosen)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return `${words.join(',')} `;
}

function isChosen(options: Record<string, string>, kind: 'labels' | 'env', name: string): boolean {
  const listed = (options[kind] ?? '').split(',');
  return listed.includes(name) || attributeTest(options, `${kind}-regex`)?.test(name) === true;
}

/** @throws InvalidError when it is none. */
function attributeTest(options: Record<string, string>, key: string): RegExp | undefined {
  const text = options[key];
  if (!text) return undefined;
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new InvalidError(`${key}: '${text}' is no regular expression`, { cause });
  }
}

/** Go's url.QueryEscape. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
