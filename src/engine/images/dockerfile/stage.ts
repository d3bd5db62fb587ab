/** The lines of a Dockerfile as they are written, with the configuration that they have made so far. */
import { applyInstruction } from '../../../dockerfile/apply.ts';
import { expandInstruction } from '../../../dockerfile/expand.ts';
import { parseInstructions } from '../../../dockerfile/parse.ts';
import { configLines, variablesOf } from '../../../dockerfile/write/config-lines.ts';
import { comment, escapedWord } from '../../../dockerfile/write/quote.ts';
import { removalLines, runLine } from '../../../dockerfile/write/removal.ts';
import type { ProcessConfig } from '../../../oci/image/image-config.ts';
import type { ContextPart } from './context-writer.ts';
import type { LayerPlan } from './layer-plan.ts';
import type { ScannedEntry } from './layer-scan.ts';

export class Stage {
  readonly parts: ContextPart[] = [];
  readonly #lines: string[] = [];
  #config: ProcessConfig;

  constructor(config: ProcessConfig) {
    this.#config = config;
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  get config(): ProcessConfig {
    return this.#config;
  }

  comment(text: string): void {
    this.#lines.push(comment(text));
  }

  gap(): void {
    if (this.#lines.at(-1) !== '') this.#lines.push('');
  }

  /** Instructions that change no configuration, or FROM. */
  line(text: string): void {
    this.#lines.push(text);
  }

  /** Says what makes the configuration this one. @returns what cannot be said. */
  configure(wanted: ProcessConfig): readonly string[] {
    const { lines, unsaid } = configLines(this.#config, wanted);
    this.#lines.push(...lines);
    for (const instruction of parseInstructions(lines.join('\n'))) {
      const variables = variablesOf(this.#config);
      const expanded = expandInstruction(instruction, (name) => variables.get(name), '\\');
      this.#config = applyInstruction(this.#config, expanded);
    }
    return unsaid;
  }

  /** Commands of our own, as root and in a shell that is known. */
  run(steps: readonly string[]): void {
    if (steps.length === 0) return;
    this.asRoot([runLine(steps.join(' \\\n    && '), this.#config.Shell)]);
  }

  /** @param paths relative to the root. */
  remove(paths: readonly Buffer[]): void {
    const unique = new Map(paths.map((path) => [path.toString('latin1'), Buffer.concat([slash, path])]));
    this.asRoot(removalLines([...unique.values()], this.#config.Shell));
  }

  asRoot(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const user = this.#config.User ?? '';
    const isRoot = /^(?:|0|root)(?::(?:0|root))?$/.test(user);
    this.#lines.push(...(isRoot ? lines : ['USER 0', ...lines, `USER ${escapedWord(user)}`]));
  }

  /** @param directory of the files, beside the Dockerfile. @param name of the trees and the archive there. */
  bring({ trees, archive }: LayerPlan, directory: string, name: string): void {
    for (const { uid, gid, entries } of trees) {
      const isRoot = uid === 0 && gid === 0;
      const path = `${directory}/${isRoot ? name : `${name}-of-${uid}-${gid}`}`;
      this.parts.push({ kind: 'tree', path, entries });
      this.#lines.push(`COPY ${isRoot ? '' : `--chown=${uid}:${gid} `}${path}/ /`);
    }
    this.unpack(archive, `${directory}/${name}.tar`);
  }

  unpack(entries: readonly ScannedEntry[], path: string): void {
    if (entries.length === 0) return;
    this.parts.push({ kind: 'archive', path, entries });
    this.#lines.push(`ADD ${path} /`);
  }
}

const slash = Buffer.from('/');
