/** `cais history --files`: beneath each layer the paths that it changed. */
import { pathOf } from '../../../engine-api/client.ts';
import type { FileChange, LayerChangesLine, LayeredHistoryItem } from '../../../engine-api/image-changes.ts';
import type { CliContext } from '../../context.ts';
import { letterOf, pathOfChange, readChanges } from '../../file-change.ts';
import { formatRows, type Listing } from '../../format.ts';
import { formatSize, shortId } from '../../human.ts';

export interface HistoryFilesOptions {
  readonly name: string;
  /** As JSON. */
  readonly platform: string | undefined;
  readonly format: string | undefined;
  readonly isWhole: boolean;
  readonly isHuman: boolean;
  /** The table of the history, its heading first: a line for each entry. */
  readonly table: (items: readonly LayeredHistoryItem[]) => readonly string[];
}

/** Paths of one layer: what a person looks through. */
const maxShown = 20;

export async function writeHistoryFiles(context: CliContext, options: HistoryFilesOptions): Promise<void> {
  const { name, format, isWhole } = options;
  const isTable = format === undefined || format === '' || format === 'table';
  const lines = readChanges<LayerChangesLine>(context.engine, `/cais/images/${pathOf(name)}/layers`, {
    platform: options.platform,
    whole: isWhole,
    limit: isTable && !isWhole ? maxShown : undefined,
  });
  const writer = isTable ? new TableWriter(options) : new RowWriter(options);
  for await (const line of lines) {
    const text = writer.take(line);
    if (text !== '') await context.out.write(text);
    if (context.out.isClosed) return;
  }
  await context.out.write(writer.end());
}

interface LineWriter {
  take(line: LayerLine): string;
  end(): string;
}

type LayerLine = Exclude<LayerChangesLine, { readonly error: string }>;

/** The history's lines as they are without files, each with those of its layer under it. */
class TableWriter implements LineWriter {
  readonly #options: HistoryFilesOptions;
  /** Entries whose line is not written yet. */
  #rest: { readonly item: LayeredHistoryItem; readonly text: string }[] = [];

  constructor(options: HistoryFilesOptions) {
    this.#options = options;
  }

  take(line: LayerLine): string {
    if ('History' in line) return this.#begin(line.History);
    if ('Layer' in line) return this.#entriesTo(line.Layer);
    if ('More' in line) return `  … and ${line.More} more (--no-trunc shows all)\n`;
    return this.#change(line.Change);
  }

  end(): string {
    return this.#rest.map(({ text }) => `${text}\n`).join('');
  }

  #begin(items: readonly LayeredHistoryItem[]): string {
    const [heading = '', ...texts] = this.#options.table(items);
    this.#rest = items.map((item, index) => ({ item, text: texts[index] ?? '' }));
    return `${heading}\n`;
  }

  #entriesTo(layer: number): string {
    const end = this.#rest.findIndex(({ item }) => item.Layer === layer) + 1;
    return this.#rest
      .splice(0, end)
      .map(({ text }) => `${text}\n`)
      .join('');
  }

  #change(change: FileChange): string {
    const size = this.#options.isHuman ? formatSize(change.Size) : String(change.Size);
    const path = pathOfChange(change) + (change.IsDirectory === true ? '/' : '');
    const entries = change.Entries === undefined ? '' : ` (${counted(change.Entries)})`;
    return `  ${letterOf(change)} ${size.padStart(8)} ${path}${entries}\n`;
  }
}

function counted(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`;
}

/** A row for each change, as `--format` wants it. */
class RowWriter implements LineWriter {
  readonly #rows: (row: ChangeRow) => string;
  readonly #layers = new Map<number | null, LayeredHistoryItem>();
  #layer: LayeredHistoryItem | undefined;

  constructor(options: HistoryFilesOptions) {
    this.#rows = formatRows(changeListing(options), options.format ?? '');
  }

  take(line: LayerLine): string {
    if ('History' in line) for (const item of line.History) this.#layers.set(item.Layer, item);
    else if ('Layer' in line) this.#layer = this.#layers.get(line.Layer);
    else if ('Change' in line && this.#layer) return this.#rows({ layer: this.#layer, change: line.Change });
    return '';
  }

  end(): string {
    return '';
  }
}

interface ChangeRow {
  readonly layer: LayeredHistoryItem;
  readonly change: FileChange;
}

function changeListing({ isWhole, isHuman }: HistoryFilesOptions): Listing<ChangeRow> {
  return {
    typeName: '*image.fileContext',
    table: '{{.ID}}\t{{.Change}}\t{{.Size}}\t{{.Path}}',
    columns: {
      ID: { heading: 'IMAGE', value: ({ layer }) => (isWhole ? layer.Id : shortId(layer.Id)) },
      CreatedBy: { heading: 'CREATED BY', value: ({ layer }) => layer.CreatedBy },
      Layer: { heading: 'LAYER', value: ({ layer }) => layer.Layer },
      Change: { heading: 'CHANGE', value: ({ change }) => letterOf(change) },
      Path: { heading: 'PATH', value: ({ change }) => pathOfChange(change) },
      Size: {
        heading: 'SIZE',
        value: ({ change }) => (isHuman ? formatSize(change.Size) : String(change.Size)),
      },
      Entries: { heading: 'ENTRIES', value: ({ change }) => change.Entries ?? 0 },
    },
  };
}
