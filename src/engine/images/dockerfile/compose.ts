/**
 * An image's Dockerfile: its base, then layer by layer what its history tells and what its files show, then the
 * configuration. docs/flows/dockerfile.md.
 */
import {
  type HistoryLine,
  isClassicHistory,
  readHistoryLine,
} from '../../../dockerfile/write/history-line.ts';
import { fitsOneLine, jsonList, quotedValue } from '../../../dockerfile/write/quote.ts';
import { variablesOf } from '../../../dockerfile/write/config-lines.ts';
import { InvalidError } from '../../../lib/errors.ts';
import type { History } from '../../../oci/image/image-config.ts';
import { LowerDirectory } from '../../snapshots/lower-directory.ts';
import type { ContextPart } from './context-writer.ts';
import { planLayer } from './layer-plan.ts';
import { type LayerScan, scanLayer, scanView } from './layer-scan.ts';
import { type PackageLayer, planPackageLayer } from './package-layer.ts';
import type { BaseRequest, DockerfileRequest } from './request.ts';
import { Stage } from './stage.ts';

export interface ComposedDockerfile {
  readonly text: string;
  readonly parts: readonly ContextPart[];
}

/** @param layers their directories, bottom first. @throws InvalidError where the image cannot stand on the base it was to. */
export function composeDockerfile(request: DockerfileRequest, layers: readonly string[]): ComposedDockerfile {
  const steps = stepsOf(request, layers);
  const stuck = steps.find(({ needsShell, before }) => needsShell && !hasShell(before));
  if (stuck && request.base?.isGiven === true) {
    throw new InvalidError(
      `cannot use ${request.base.name} as the base: files of it are gone, and it has no shell to remove them with`,
    );
  }
  const composer = new Composer(request, stuck ? undefined : request.base);
  if (stuck) composer.whole(viewOf(layers, layers.length));
  else for (const step of steps) composer.step(step);
  return composer.end();
}

/** A line of the history with what it made. */
interface Step {
  readonly entry: History;
  readonly line: HistoryLine;
  /** Counted from 1. */
  readonly layer?: {
    readonly number: number;
    readonly scan: LayerScan;
    readonly packages: PackageLayer | undefined;
  };
  readonly before: LowerDirectory | undefined;
  readonly needsShell: boolean;
}

function stepsOf({ base, history, isExact }: DockerfileRequest, layers: readonly string[]): Step[] {
  const lines = history.slice(base?.history ?? 0);
  const isClassic = isClassicHistory(lines);
  let shell = (base?.config.Shell ?? []).join(' ');
  let next = base?.layers ?? 0;
  const steps: Step[] = [];
  const add = (entry: History, hasLayer: boolean): void => {
    const line = readHistoryLine(entry, shell || '/bin/sh -c', isClassic);
    if (line.kind === 'instruction' && line.keyword === 'SHELL') shell = shellIn(line.text).join(' ');
    const before = viewOf(layers, next);
    const directory = hasLayer ? layers[next] : undefined;
    if (directory === undefined) return void steps.push({ entry, line, before, needsShell: false });
    const scan = scanLayer(directory, before);
    const after = viewOf(layers, ++next);
    const isByHand = line.kind === 'other' && !isExact && after !== undefined;
    const packages = isByHand ? planPackageLayer(scan, before, after) : undefined;
    const layer = { number: next, scan, packages };
    const needsShell = scan.removed.length > 0 && (isExact || line.kind !== 'run');
    steps.push({ entry, line, layer, before, needsShell });
  };
  for (const entry of lines) add(entry, entry.empty_layer !== true);
  // Layers that the history does not tell of.
  while (next < layers.length) add({}, true);
  return steps;
}

function viewOf(layers: readonly string[], count: number): LowerDirectory | undefined {
  return LowerDirectory.ofLayers(layers.slice(0, count).toReversed());
}

/** `[/bin/bash -o pipefail -c]`, Go's way to print a list. */
function shellIn(text: string): string[] {
  return text
    .replace(/^\[(.*)\]$/, '$1')
    .split(' ')
    .filter(Boolean);
}

/** For `rm`. Links are not followed but for a merged /usr. */
function hasShell(view: LowerDirectory | undefined): boolean {
  const has = (name: string): boolean =>
    ['bin', 'usr/bin'].some((directory) => view?.find(Buffer.from(`${directory}/${name}`)) !== undefined);
  return has('sh') && has('rm');
}

class Composer {
  readonly #request: DockerfileRequest;
  readonly #base: BaseRequest | undefined;
  readonly #stage: Stage;
  readonly #arguments = new Map<string, string>();

  constructor(request: DockerfileRequest, base: BaseRequest | undefined) {
    this.#request = request;
    this.#base = base;
    this.#stage = new Stage(base?.config ?? {});
    const stage = this.#stage;
    stage.comment(`Written by cais dockerfile from ${request.name},`);
    stage.comment(request.id);
    stage.comment(
      'Files that are copied and unpacked are exact. What runs is run again: that gives the same files as',
    );
    stage.comment(
      'far as the commands do and what they fetch is still there. With --exact nothing is run again.',
    );
    stage.gap();
    for (const identity of base?.identities ?? []) stage.comment(`${base?.name} is ${identity}`);
    const platform = request.platform === undefined ? '' : `--platform=${request.platform} `;
    stage.line(`FROM ${platform}${base?.name ?? 'scratch'}`);
  }

  /** All files at once: nothing in the image could take away what is gone. */
  whole(view: LowerDirectory | undefined): void {
    this.#stage.gap();
    this.#stage.comment(
      'All files: to make them layer by layer takes a shell that removes some, and the image has none.',
    );
    this.#stage.unpack(view ? [...scanView(view, Buffer.alloc(0))] : [], 'root.tar');
  }

  step(step: Step): void {
    const { isExact } = this.#request;
    if (!step.layer) {
      if (!isExact) this.#setting(step.line);
      return;
    }
    this.#stage.gap();
    this.#heading(step.entry, step.layer.number);
    if (!isExact && step.line.kind === 'run') this.#run(step.line);
    else if (!isExact && step.line.kind === 'instruction' && step.line.keyword === 'WORKDIR')
      this.#setting(step.line);
    else if (step.layer.packages) this.#packages(step.layer.packages, `layer-${step.layer.number}`);
    else this.#files(step.layer);
  }

  end(): ComposedDockerfile {
    const { config, author } = this.#request;
    const stage = this.#stage;
    stage.gap();
    const unsaid = [...stage.configure(config)];
    if (author !== (this.#base?.author ?? '')) {
      if (author !== '' && fitsOneLine(author)) stage.line(`MAINTAINER ${author}`);
      else unsaid.push(author === '' ? 'it has no author, where the base has' : 'its author');
    }
    if (!this.#base && !variablesOf(config).has('PATH')) unsaid.push('PATH is not set (builders set one)');
    for (const text of unsaid) stage.comment(`Not said, as no instruction can: ${text}`);
    return { text: stage.text, parts: stage.parts };
  }

  #heading({ created, created_by, author, comment }: History, number: number): void {
    const about = [created, author && `by ${author}`].filter(Boolean).join(' ');
    const message = comment === undefined || comment.startsWith('buildkit.') ? '' : `: ${comment}`;
    this.#stage.comment(`Layer ${number}${about && `, ${about}`}${message}`);
    if (created_by) this.#stage.comment(`  ${created_by.replace(/ # buildkit$/, '').slice(0, 500)}`);
  }

  /** Those that count for what runs next; the rest comes at the end. */
  #setting(line: HistoryLine): void {
    if (line.kind !== 'instruction') return;
    const { keyword, text } = line;
    const { config } = this.#stage;
    if (keyword === 'USER') this.#stage.configure({ ...config, User: text.trim() });
    else if (keyword === 'WORKDIR') this.#stage.configure({ ...config, WorkingDir: text.trim() });
    else if (keyword === 'SHELL') this.#stage.configure({ ...config, Shell: shellIn(text) });
    else if (keyword === 'ENV') this.#stage.configure({ ...config, Env: this.#variablesIn(text) });
  }

  /**
   * Names are those that the image has in the end, so that values with spaces come apart. The last value is what the
   * image says.
   */
  #variablesIn(text: string): string[] {
    const final = variablesOf(this.#request.config);
    const starts = [...text.matchAll(/(?:^|(?<= ))([^\s=]+)=/g)].filter(([, name = '']) => final.has(name));
    const variables = variablesOf(this.#stage.config);
    starts.forEach((match, index) => {
      const [whole, name = ''] = match;
      const value = text.slice(match.index + whole.length, (starts[index + 1]?.index ?? text.length + 1) - 1);
      const said = final.get(name) ?? value;
      // What the history says with quotes lost.
      variables.set(name, isLossy(value, said) ? said : value);
    });
    return [...variables].map(([name, value]) => `${name}=${value}`);
  }

  #run({ arguments: given, command }: Extract<HistoryLine, { kind: 'run' }>): void {
    for (const { name, value } of given) {
      if (this.#arguments.get(name) === value || !fitsOneLine(value)) continue;
      this.#arguments.set(name, value);
      this.#stage.line(`ARG ${name}=${quotedValue(value)}`);
    }
    this.#stage.line(runInstruction(command, this.#stage.config.Shell ?? []));
  }

  #files({ number, scan }: NonNullable<Step['layer']>): void {
    const directory = `layer-${number}`;
    this.#stage.remove(scan.removed);
    // The first of all is a whole system: nobody edits that file by file.
    if (number === 1) {
      const all = [...scan.entries, ...scan.directories].toSorted((a, b) => a.path.compare(b.path));
      this.#stage.unpack(all, `${directory}/files.tar`);
    } else this.#stage.bring(planLayer(scan), directory, 'files');
  }

  #packages({ steps, brought, sources, state, rest, removed }: PackageLayer, directory: string): void {
    const stage = this.#stage;
    if (sources.trees.length + sources.archive.length > 0) {
      stage.comment('Where packages come from:');
      stage.bring(sources, directory, 'sources');
    }
    stage.comment(
      'Packages by name and version. The line fails where their archive has other versions of these or of',
    );
    stage.comment(
      'what they need: then take the sum out, and the line with packages.tar, for what there is today.',
    );
    if (brought.length > 0) {
      const names = brought.map(({ name, version }) => `${name}=${version}`);
      stage.comment(`What they need: ${names.slice(0, 100).join(' ')}${names.length > 100 ? ' …' : ''}`);
    }
    stage.run(steps);
    stage.remove(removed);
    if (state.length > 0)
      stage.comment('What package managers keep: their database, caches and logs, and links of packages.');
    stage.unpack(state, `${directory}/packages.tar`);
    if (rest.trees.length + rest.archive.length > 0) stage.comment('What was changed besides:');
    stage.bring(rest, directory, 'files');
  }
}

/** The same but for quotes and backslashes. */
function isLossy(value: string, said: string): boolean {
  const bare = (text: string): string => text.replaceAll(/["'\\]/g, '');
  return bare(value) === bare(said);
}

/** Several lines were a heredoc; what a reader could take for one is written as a list of words. */
function runInstruction(command: string, shell: readonly string[]): string {
  if (command.includes('\n') && !command.includes('\r')) {
    const end = ['EOF', 'END', 'CAIS_END'].find((word) => !command.split('\n').includes(word));
    if (end !== undefined && !command.includes('<<'))
      return `RUN <<'${end}'\n${command.replace(/\n$/, '')}\n${end}`;
  }
  const isPlain = fitsOneLine(command) && !/<<|\\$|^\s*(?:--|\[)|^\s|\s$/.test(command);
  if (!isPlain) return `RUN ${jsonList([...(shell.length > 0 ? shell : ['/bin/sh', '-c']), command])}`;
  // Lines that were joined come apart again where nothing is quoted.
  return `RUN ${/["'`\\#]/.test(command) ? command : command.replaceAll(/\s+&&\s+/g, ' \\\n    && ')}`;
}
