/** What an outside program says after `version`; asked again only once the program has changed. */
import { statSync } from 'node:fs';
import { run } from '../../lib/subprocess.ts';

export class ProgramVersion {
  readonly #program: string;
  #known: { readonly mtimeMs: number; readonly text: string } | undefined;

  /** @param program its absolute path. */
  constructor(program: string) {
    this.#program = program;
  }

  async read(): Promise<string> {
    const { mtimeMs } = statSync(this.#program);
    if (this.#known?.mtimeMs !== mtimeMs) {
      const { stdout } = await run([this.#program, '--version']);
      this.#known = { mtimeMs, text: /version (\S+)/.exec(stdout)?.[1] ?? 'unknown' };
    }
    return this.#known.text;
  }
}
