/**
 * Progress of pull, push and load: one line per layer, redrawn in place on a terminal; when piped only what has changed
 * its state, a line each. A failure within the stream becomes the command's failure.
 */
import { InvalidError } from '../lib/errors.ts';
import { formatSize } from './human.ts';
import { readJsonLines } from './json-stream.ts';
import type { Output } from './output.ts';

interface ProgressMessage {
  readonly id?: string;
  readonly status?: string;
  readonly stream?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number; readonly units?: string };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string; readonly code?: number };
  readonly aux?: unknown;
}

/**
 * Shows a stream of messages to its end.
 * @param onAux gets what the engine adds for programs: digests, ids.
 * @throws InvalidError with the engine's message where it reports a failure.
 */
export async function showProgress(
  body: ReadableStream<Uint8Array> | null,
  out: Output,
  onAux: (aux: unknown) => void = () => undefined,
): Promise<void> {
  const lines = new Map<string, number>();
  for await (const message of readJsonLines<ProgressMessage>(body)) {
    if (message.aux !== undefined) onAux(message.aux);
    else if (message.error !== undefined || message.errorDetail) {
      throw new InvalidError(message.errorDetail?.message ?? message.error ?? 'unknown error');
    } else await out.write(out.isTerminal ? draw(message, lines, out.columns) : plain(message));
  }
}

function plain(message: ProgressMessage): string {
  const { current = 0, total = 0 } = message.progressDetail ?? {};
  // Bars are for terminals: a pipe gets each state once.
  if (message.stream !== undefined) return message.stream;
  if (current > 0 || total > 0 || message.status === undefined) return '';
  return `${message.id === undefined ? '' : `${message.id}: `}${message.status}\n`;
}

/** One message as terminal codes: up to its line, clear, write, back down. */
function draw(message: ProgressMessage, lines: Map<string, number>, columns: number): string {
  if (message.stream !== undefined) return message.stream;
  if (message.status === undefined) return '';
  if (message.id === undefined || message.progressDetail === undefined) {
    // A line of its own ends the block: what follows starts a new one below.
    lines.clear();
    return `${message.id === undefined ? '' : `${message.id}: `}${message.status}\n`;
  }
  const text = `${message.id}: ${message.status} ${bar(message, columns)}`.slice(0, Math.max(columns - 1, 1));
  const line = lines.get(message.id);
  if (line === undefined) {
    lines.set(message.id, lines.size);
    return `${text}\x1b[K\n`;
  }
  const up = lines.size - line;
  return `\x1b[${up}A\r${text}\x1b[K\r\x1b[${up}B`;
}

const barWidth = 50;

function bar({ progressDetail = {} }: ProgressMessage, columns: number): string {
  const { current = 0, total = 0, units } = progressDetail;
  if (current <= 0 && total <= 0) return '';
  const show =
    units === undefined || units === ''
      ? (value: number) => formatSize(value, 4)
      : (value: number) => `${value} ${units}`;
  if (total <= 0) return show(current).padStart(8);
  const done = Math.min(Math.trunc((current / total) * barWidth), barWidth);
  const arrows = `[${'='.repeat(done)}>${' '.repeat(barWidth - done)}] `;
  const numbers = current > total ? show(current).padStart(8) : `${show(current).padStart(8)}/${show(total)}`;
  return columns > 110 ? arrows + numbers : numbers;
}
