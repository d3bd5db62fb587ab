/** How far a backup or a restore has come: in place on a terminal, now and then elsewhere. */
import { formatSize } from '../cli/human.ts';
import type { Output } from '../cli/output.ts';
import type { Copied, DamagedBlob } from '../hub/keeping/copy-blobs.ts';

/** In milliseconds. */
const [onTerminal, elsewhere] = [200, 30_000];

export class CopyProgress {
  readonly #output: Output;
  #toldAt = performance.now();
  #damaged = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** How many blobs had no right bytes. */
  get damaged(): number {
    return this.#damaged;
  }

  onProgress(copied: Copied): void {
    const { isTerminal } = this.#output;
    if (performance.now() - this.#toldAt < (isTerminal ? onTerminal : elsewhere)) return;
    this.#toldAt = performance.now();
    void this.#output.write(
      `${isTerminal ? '\r\u001b[K' : ''}${describeCopied(copied)}${isTerminal ? '' : '\n'}`,
    );
  }

  onDamage({ digest, kind }: DamagedBlob): void {
    this.#damaged += 1;
    void this.#output.write(`${this.#start}${digest} ${kind === 'missing' ? 'is missing' : 'is damaged'}\n`);
  }

  /** In front of whatever is told at the end. */
  get #start(): string {
    return this.#output.isTerminal ? '\r\u001b[K' : '';
  }

  async end(line: string): Promise<void> {
    await this.#output.write(`${this.#start}${line}\n`);
  }
}

export function describeCopied({ blobs, bytes, present }: Copied): string {
  return `${blobs} blobs copied (${formatSize(bytes)}), ${present} there already`;
}
