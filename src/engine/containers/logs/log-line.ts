/**
 * conmon's log format (the kubelet's): `2026-11-23T14:20:56.123456789+00:00 stdout F text\n`. P in place of F: the line
 * goes on, or has no newline yet. https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 * A log may have ten million lines: what is said of one is offsets into the bytes that were read, nothing is copied.
 */

/** Where the parts of a line are. One object is filled again and again. */
export interface LinePlace {
  /** Of the line, its timestamp first. */
  start: number;
  /** Behind the timestamp. */
  timeEnd: number;
  isStderr: boolean;
  /** A piece of a line whose newline is still to come. */
  isPartial: boolean;
  contentStart: number;
  /** Behind the newline where it is the line's own. */
  contentEnd: number;
  /** Behind the line in the file. */
  end: number;
}

const space = 0x20;
const newline = 0x0a;
/** What conmon writes: nine digits and an offset. */
const usualTime = 35;
/** Where its offset begins. */
const fractionEnd = 29;
const letterE = 0x65;
const letterP = 0x50;

/** Reads the line that begins at `start`. @returns false for one that was torn by a crash; `end` holds then, too. */
export function placeLine(bytes: Uint8Array, start: number, place: LinePlace): boolean {
  const found = bytes.indexOf(newline, start);
  const end = found === -1 ? bytes.length : found + 1;
  place.end = end;
  let timeEnd = start + usualTime;
  if (bytes[timeEnd] !== space || !isSign(bytes[start + fractionEnd])) timeEnd = bytes.indexOf(space, start);
  // ` stdout F `: both names are of one length.
  const tag = timeEnd + 8;
  if (timeEnd <= start || tag + 2 > end || bytes[tag - 1] !== space || bytes[tag + 1] !== space) return false;
  place.start = start;
  place.timeEnd = timeEnd;
  place.isStderr = bytes[timeEnd + 4] === letterE;
  place.isPartial = bytes[tag] === letterP;
  place.contentStart = tag + 2;
  place.contentEnd = place.isPartial && found !== -1 ? end - 1 : end;
  return true;
}

export function emptyPlace(): LinePlace {
  return {
    start: 0,
    timeEnd: 0,
    isStderr: false,
    isPartial: false,
    contentStart: 0,
    contentEnd: 0,
    end: 0,
  };
}

const decoder = new TextDecoder();

/** `2026-11-23T14:20:56.123456789` in UTC: of one width, so that they compare as bytes do. */
export function instantOf(bytes: Uint8Array, { start, timeEnd }: LinePlace): string {
  const text = decoder.decode(bytes.subarray(start, timeEnd));
  if (text.length === usualTime && text.endsWith('+00:00')) return text.slice(0, 29);
  const fraction = (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(9, '0').slice(0, 9);
  const milliseconds = Date.parse(text.replace(/\.\d+/, ''));
  if (Number.isNaN(milliseconds)) return '';
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${fraction}`;
}

function isSign(byte: number | undefined): boolean {
  return byte === 0x2b || byte === 0x2d;
}
