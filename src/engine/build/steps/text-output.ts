/** A command's output as text: characters that come in pieces are put together. */
import type { OutputStream } from '../../containers/attach/console.ts';
import type { TellNews } from './layer-step.ts';

export class TextOutput {
  readonly #tell: TellNews;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(tell: TellNews) {
    this.#tell = tell;
  }

  write(stream: OutputStream, bytes: Uint8Array): void {
    this.#pass(stream, this.#decoders[stream].decode(bytes, { stream: true }));
  }

  /** What is left of a character that never came whole is told as such. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#pass(stream, this.#decoders[stream].decode());
  }

  #pass(stream: OutputStream, text: string): void {
    if (text !== '') this.#tell({ kind: 'output', stream, text });
  }
}
