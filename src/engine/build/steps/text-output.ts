/** A command's output as text: characters that come in pieces are put together. */
import type { OutputStream } from '../../containers/attach/console.ts';
import type { TellNews } from './layer-step.ts';

export class TextOutput {
  readonly #tell: TellNews;
  #isUnrunnable = false;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(tell: TellNews) {
    this.#tell = tell;
  }

  write(stream: OutputStream, bytes: Uint8Array): void {
    this.#pass(stream, this.#decoders[stream].decode(bytes, { stream: true }));
  }

  /** The runtime has said that the kernel does not take the command for a program. */
  get isUnrunnable(): boolean {
    return this.#isUnrunnable;
  }

  /** What is left of a character that never came whole is told as such. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#pass(stream, this.#decoders[stream].decode());
  }

  #pass(stream: OutputStream, text: string): void {
    if (/^exec \S+: exec format error/m.test(text)) this.#isUnrunnable = true;
    if (text !== '') this.#tell({ kind: 'output', stream, text });
  }
}
