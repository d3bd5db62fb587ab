/**
 * Reads a tutorial as a script. Its console blocks are what a person types and sees:
 *   $ command            typed at the host's prompt
 *   root@…:/# command    typed at a container's prompt
 *   Prompt: ‹answer›     typed when the prompt shows
 *   ‹ctrl-p ctrl-q›      keys
 *   anything else        what is expected to show; … stands for any text, ‹id› for the container's id
 * Comments `<!-- page: … -->` say what is done on the hub's pages.
 */

export type Step =
  | { readonly kind: 'host' | 'inside'; readonly command: string; expected: string[] }
  | { readonly kind: 'answer'; readonly prompt: string; readonly text: string; expected: string[] }
  | { readonly kind: 'keys'; readonly keys: string; expected: string[] }
  | { readonly kind: 'page'; readonly action: PageAction };

export type PageAction =
  | { readonly do: 'open'; readonly path: string }
  | { readonly do: 'fill'; readonly label: string; readonly value: string }
  | { readonly do: 'click'; readonly name: string }
  | { readonly do: 'expect'; readonly text: string };

export function parseTutorial(markdown: string): Step[] {
  const steps: Step[] = [];
  let inConsole = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) inConsole = line === '```console';
    else if (inConsole) readConsoleLine(line, steps);
    else if (line.startsWith('<!-- page: '))
      steps.push({ kind: 'page', action: parsePageAction(line.slice(11, -4)) });
  }
  return steps;
}

function readConsoleLine(line: string, steps: Step[]): void {
  const inside = /^root@…:\/# (.*)$/.exec(line)?.[1];
  const answer = /^(.+: )‹(.+)›$/.exec(line);
  if (line.startsWith('$ ')) steps.push({ kind: 'host', command: line.slice(2), expected: [] });
  else if (inside !== undefined && inside.startsWith('‹'))
    steps.push({ kind: 'keys', keys: keysOf(inside), expected: [] });
  else if (inside !== undefined) steps.push({ kind: 'inside', command: inside, expected: [] });
  else if (line === '‹enter›') steps.push({ kind: 'keys', keys: '\r', expected: [] });
  else if (answer)
    steps.push({ kind: 'answer', prompt: answer[1] ?? '', text: answer[2] ?? '', expected: [] });
  else {
    const last = steps.at(-1);
    if (last && last.kind !== 'page') last.expected.push(line);
  }
}

/** `‹ctrl-p ctrl-q›` as the bytes a keyboard sends. */
function keysOf(text: string): string {
  return text
    .slice(1, -1)
    .split(' ')
    .map((key) => String.fromCharCode(key.charCodeAt('ctrl-'.length) & 0x1f))
    .join('');
}

function parsePageAction(text: string): PageAction {
  const [, open] = /^open (\S+)$/.exec(text) ?? [];
  if (open !== undefined) return { do: 'open', path: open };
  const [, label, value] = /^fill "(.+)" with "(.*)"$/.exec(text) ?? [];
  if (label !== undefined && value !== undefined) return { do: 'fill', label, value };
  const [, name] = /^click "(.+)"$/.exec(text) ?? [];
  if (name !== undefined) return { do: 'click', name };
  const [, expected] = /^expect "(.+)"$/.exec(text) ?? [];
  if (expected !== undefined) return { do: 'expect', text: expected };
  throw new Error(`the tutorial holds a page action that nobody understands: ${text}`);
}

/** What is expected, as one pattern over the text shown: lines in order, runs of blanks as one. */
export function patternOf(expected: readonly string[], id: string | undefined): RegExp {
  const lines = expected.map((line) =>
    line === '…'
      ? '[\\s\\S]*?'
      : line
          .split('…')
          .map((part) =>
            part
              .split(/ +/)
              .map((word) => quote(word, id))
              .join('\\s+'),
          )
          .join('[^\\n]*?'),
  );
  return new RegExp(lines.join('\\s*'));
}

function quote(word: string, id: string | undefined): string {
  return word
    .split('‹id›')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join(id ?? '(?<id>[0-9a-f]{12})');
}
