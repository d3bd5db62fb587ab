/**
 * What a line of an image's history says, in the words of the builders that there are. BuildKit: `RUN /bin/sh -c make #
 * buildkit`, `COPY a b # buildkit`, `ENV A=1`; the classic one: `/bin/sh -c make`, `/bin/sh -c #(nop)  ENV A=1`. A
 * commit leaves the command of its container, which looks like anything.
 */
import type { History } from '../../oci/image/image-config.ts';

export type HistoryLine =
  | { readonly kind: 'run'; readonly arguments: readonly Argument[]; readonly command: string }
  | { readonly kind: 'instruction'; readonly keyword: string; readonly text: string }
  | { readonly kind: 'other'; readonly text: string };

interface Argument {
  readonly name: string;
  readonly value: string;
}

const defaultShell = '/bin/sh -c';

/**
 * @param shell the words that SHELL has set, joined.
 * @param isClassic whether the classic builder made the image: only then is `/bin/sh -c x` a RUN.
 */
export function readHistoryLine(entry: History, shell: string, isClassic: boolean): HistoryLine {
  const text = entry.created_by ?? '';
  const [, nop] = /^(?:.*? )?#\(nop\) +(.*)$/s.exec(text) ?? [];
  if (nop !== undefined) return instruction(nop) ?? { kind: 'other', text: nop };
  const isBuildKit = entry.comment === 'buildkit.dockerfile.v0' || text.endsWith(' # buildkit');
  if (isBuildKit) {
    const plain = text.replace(/ # buildkit$/, '');
    const run = plain.startsWith('RUN ') ? readRun(plain.slice(4), shell) : instruction(plain);
    return run ?? { kind: 'other', text: plain };
  }
  return (isClassic ? readRun(text, shell) : undefined) ?? { kind: 'other', text };
}

/** Whether somewhere in it the classic builder has left its mark. */
export function isClassicHistory(history: readonly History[]): boolean {
  return history.some(({ created_by }) => created_by?.includes('#(nop)') === true);
}

const keywords =
  /^(ADD|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR) +(.*)$/s;

function instruction(text: string): HistoryLine | undefined {
  const [, keyword, rest] = keywords.exec(text) ?? [];
  return keyword === undefined || rest === undefined
    ? undefined
    : { kind: 'instruction', keyword, text: rest };
}

/** Undefined for the JSON form: where its words end is not told. */
function readRun(text: string, shell: string): HistoryLine | undefined {
  const [, count, rest = ''] = /^\|(\d+) (.*)$/s.exec(text) ?? [undefined, '0', text];
  for (const words of new Set([shell, defaultShell])) {
    const at = rest.startsWith(`${words} `) ? 0 : rest.indexOf(` ${words} `) + 1;
    if (at === 0 && (count !== '0' || !rest.startsWith(`${words} `))) continue;
    if (at > 0 && count === '0') continue;
    const values = splitArguments(rest.slice(0, at).trimEnd(), Number(count));
    if (values) return { kind: 'run', arguments: values, command: rest.slice(at + words.length + 1) };
  }
  return undefined;
}

/** `A=1 B=x y` of two. Undefined where there are not as many. */
function splitArguments(text: string, count: number): Argument[] | undefined {
  if (count === 0) return text === '' ? [] : undefined;
  const starts = [...text.matchAll(/(?:^|(?<= ))([A-Za-z_][\w.-]*)=/g)];
  if (starts.length !== count) return undefined;
  return starts.map((match, index) => ({
    name: match[1] ?? '',
    value: text.slice(match.index + match[0].length, (starts[index + 1]?.index ?? text.length + 1) - 1),
  }));
}
